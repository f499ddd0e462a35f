import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { realpathSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { HintedError } from '../hinted_error.ts'

/**
 * A folder that somebody else may have filled, and whose files we read and write. Paths are relative to it. Nothing outside
 * is reached: a link on the way to a file, whatever it points to, is refused by name, and so is what is no plain file.
 */
export type Folder = {
  /** Its real path. */
  path: string
  /**
   * Refuses these paths before anything is written, and what is in them, if a link is among them, or what is no plain file.
   * A folder ends in a slash.
   */
  inspect(paths: string[]): void
  read(file: string): string | undefined
  /** The names in a folder, sorted. */
  list(folder: string): string[]
  /** The files in a folder and in those within it, by their paths in it, sorted. */
  files(folder: string): string[]
  write(file: string, text: string, options?: { secret?: boolean }): void
  /** Whether anything is there. */
  has(path: string): boolean
  /** A file, or a folder with all that is in it. */
  remove(path: string): void
}

/** @throws HintedError SQ422 where there is no such folder */
export function openFolder(path: string): Folder {
  const root = realPathOf(path)
  const at = (file: string) => join(root, file)

  return {
    path: root,
    inspect(paths) {
      for (const named of paths) {
        const path = named.replace(/\/$/, '')
        const found = look(path)
        if (found && found.isDirectory() !== named.endsWith('/')) throw notPlain(path)
        walk(path, found)
      }
    },
    read(file) {
      const found = look(file)
      if (!found) return undefined
      if (!found.isFile()) throw notPlain(file)
      return readFileSync(at(file), 'utf8')
    },
    list(folder) {
      const found = look(folder)
      if (!found) return []
      if (!found.isDirectory()) throw notPlain(folder)
      return readdirSync(at(folder)).sort()
    },
    files: (folder) => filesIn(folder).map((path) => path.slice(folder.length + 1)).sort(),
    write(file, text, { secret = false } = {}) {
      const found = look(file)
      if (found && !found.isFile()) throw notPlain(file)
      const folder = dirname(at(file))
      mkdirSync(folder, { recursive: true })
      if (realpathSync(folder) !== folder) throw linked(dirname(file), folder)
      // Under another name first: so it is never half written, a name elsewhere of the same file keeps what it had, and
      // nothing secret is ever in a file that others may read.
      const draft = `${at(file)}.${randomBytes(6).toString('hex')}.tmp`
      const mode = secret ? 0o600 : found ? found.mode & 0o777 : 0o666
      try {
        const handle = openSync(draft, 'wx', mode)
        try {
          writeFileSync(handle, text)
        } finally {
          closeSync(handle)
        }
        if (secret || found) chmodSync(draft, mode)
        renameSync(draft, at(file))
      } catch (reason) {
        rmSync(draft, { force: true })
        throw reason
      }
    },
    has: (path) => look(path) !== undefined,
    remove(path) {
      if (look(path)) rmSync(at(path), { recursive: true })
    },
  }

  /** What is at a path, link by link from the folder on; undefined where there is nothing. */
  function look(path: string): Stats | undefined {
    const parts = path.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes(sep))) throw notPlain(path)
    let found: Stats | undefined
    for (const index of parts.keys()) {
      const here = parts.slice(0, index + 1).join('/')
      found = lstatSync(at(here), { throwIfNoEntry: false })
      if (!found) return undefined
      if (found.isSymbolicLink()) throw linked(here, at(here))
      if (index < parts.length - 1 && !found.isDirectory()) throw notPlain(here)
    }
    return found
  }

  function filesIn(folder: string): string[] {
    const found = look(folder)
    if (!found) return []
    if (!found.isDirectory()) throw notPlain(folder)
    return readdirSync(at(folder)).flatMap((name) => {
      const path = `${folder}/${name}`
      return look(path)?.isDirectory() ? filesIn(path) : [path]
    })
  }

  function walk(path: string, found: Stats | undefined): void {
    if (!found) return
    if (!found.isDirectory()) {
      if (!found.isFile()) throw notPlain(path)
      return
    }
    for (const name of readdirSync(at(path))) walk(`${path}/${name}`, look(`${path}/${name}`))
  }
}

function realPathOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false }) && realpathSync(path)
  if (found && lstatSync(found).isDirectory()) return found
  throw new HintedError('SQ422', `${path} is not a folder`, 'Name the folder of a Supabase project.')
}

const linked = (path: string, file: string): HintedError =>
  new HintedError(
    'SQ409',
    `${path} is a link${targetOf(file)}, and supaqueue reads and writes nothing through links`,
    'Nothing was changed through it. Put what it points to in its place, then run the same command again.',
  )

function targetOf(file: string): string {
  try {
    return ` to ${readlinkSync(file)}`
  } catch {
    return ''
  }
}

const notPlain = (path: string): HintedError =>
  new HintedError(
    'SQ409',
    `${path} is not a plain file where one must be, or not a folder`,
    'Nothing was changed there. Move it away, then run the same command again.',
  )
