import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { readOpened } from './read_opened.ts'

/** More than any file of a project that is read as a whole. */
const MOST_BYTES = 64 * 2 ** 20

/**
 * Refuses files and folders of a project, and whatever is in these, that lead out of its repository by a link, or that are no
 * plain files: what somebody else's project points to would be read in its name, and given to its functions. What is not there
 * is fine.
 */
export function expectInside(folder: string, paths: string[]): void {
  const { expectIn, expectPlain } = limitsOf(folder)
  for (const path of paths) look(path)

  function look(path: string): void {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found) return expectIn(realPathOf(dirname(path)), path)
    const is = found.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : found
    // A link to nothing: nothing is read through it.
    if (!is) return
    expectIn(realpathSync(path), path)
    if (is.isDirectory()) {
      // What a link leads to inside is looked at where it is.
      if (!found.isSymbolicLink()) { for (const name of readdirSync(path)) look(join(path, name)) }
    } else expectPlain(is, path)
  }
}

/** The text of a file of a project, of which the same holds at the moment when it is read. */
export function readInside(folder: string, path: string): string {
  const { expectIn, expectPlain } = limitsOf(folder)
  return readOpened(path, (real, is) => {
    expectIn(real, path)
    expectPlain(is, path)
  })
}

function limitsOf(folder: string) {
  const root = realpathSync(repositoryOf(folder))
  return {
    expectIn(real: string, path: string): void {
      if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return
      throw new SupaqueueError(
        'SQ409',
        `${relative(folder, path)} leads out of the project, to ${targetOf(path) ?? real}`,
        `Nothing of it was read. Put what is meant into ${root}, then run the same command again.`,
      )
    },
    expectPlain(is: Stats, path: string): void {
      if (is.isFile() && is.size <= MOST_BYTES) return
      throw new SupaqueueError(
        'SQ409',
        `${relative(folder, path)} is ${is.isFile() ? `${is.size} bytes large` : 'not a plain file'}`,
        'Nothing of it was read. Move it away, then run the same command again.',
      )
    },
  }
}

/** What one has cloned: the nearest folder around it that is a repository, short of one's home; else the folder itself. */
export function repositoryOf(folder: string): string {
  for (let around = folder;; around = dirname(around)) {
    if (around !== homedir() && existsSync(join(around, '.git'))) return around
    if (around === homedir() || around === dirname(around)) return folder
  }
}

function realPathOf(path: string): string {
  for (let there = path;; there = dirname(there)) if (existsSync(there)) return realpathSync(there)
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
