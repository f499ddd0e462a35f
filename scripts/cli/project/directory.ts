import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * A directory that stays the one that was opened, whatever its name leads to by now: somebody who exchanges it for a link
 * between a look and a write has us write where we looked.
 */
export type Directory = {
  is: Stats
  /** A path by which something in it is reached, while it is open. A name has no slashes. */
  at(name: string): string
  list(): string[]
  /** A directory in it. Throws what Node throws where there is none, or a link. */
  enter(name: string): Directory
  close(): void
}

// macOS refuses a link anywhere on the way by this one, which Node has no name for.
const NO_LINK = constants.O_NOFOLLOW | (process.platform === 'darwin' ? 0x20000000 : 0)

/** For files and directories that must be no links. Does not wait for the other end of a pipe. */
export const READ_IT_ITSELF = constants.O_RDONLY | constants.O_NONBLOCK | NO_LINK

/** For a file that must not be there yet. */
export const MAKE_IT = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_LINK

/** @param path its real path */
export function openDirectory(path: string): Directory {
  return hold(path, path)
}

/** A path that leads to what is open, whatever its name leads to by now; undefined where none does, as on macOS. */
export function pathOf(handle: number): string | undefined {
  const held = `/proc/self/fd/${handle}`
  return existsSync(held) ? held : undefined
}

function hold(path: string, way: string): Directory {
  const handle = openSync(way, READ_IT_ITSELF | constants.O_DIRECTORY)
  const is = fstatSync(handle)
  // Where nothing else does, its name has to lead there, looked at again before each use.
  const held = pathOf(handle)
  const here = (): string => {
    if (held !== undefined) return held
    if (!isSame(lstatSync(path), is)) throw exchanged(path)
    return path
  }
  return {
    is,
    at: (name) => join(here(), name),
    list: () => readdirSync(here()).sort(),
    enter: (name) => hold(join(path, name), join(here(), name)),
    close: () => closeSync(handle),
  }
}

export const exchanged = (path: string): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `${path} was exchanged for something else while it was in use`,
    'Nothing was written there. See who else writes in that folder, then run the same command again.',
  )

export const isSame = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino
