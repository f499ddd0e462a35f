import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { sep } from 'node:path'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { type Directory, exchanged, isSame, MAKE_IT, openDirectory, READ_IT_ITSELF } from './directory.ts'

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

/** @throws SupaqueueError SQ422 where there is no such folder */
export function openFolder(path: string): Folder {
  const root = realPathOf(path)
  const is = lstatSync(root)

  const folder: Folder = {
    path: root,
    inspect(paths) {
      for (const named of paths) {
        const path = named.replace(/\/$/, '')
        const found = look(path)
        if (found && found.isDirectory() !== named.endsWith('/')) throw notPlain(path)
        walk(path, found)
      }
    },
    read: (file) => within(file, (directory, name) => readPlain(directory, name, file)),
    list: (folder) => within(folder, (directory, name) => namesIn(directory, name, folder)) ?? [],
    files: (folder) => filesIn(folder).map((path) => path.slice(folder.length + 1)).sort(),
    write(file, text, { secret = false } = {}) {
      within(file, (directory, name) => {
        const found = lookAt(directory, name, file)
        if (found && !found.isFile()) throw notPlain(file)
        // Under another name first: so it is never half written, a name elsewhere of the same file keeps what it had, and
        // nothing secret is ever in a file that others may read.
        const draft = `${name}.${randomBytes(6).toString('hex')}.tmp`
        const mode = secret ? 0o600 : found ? found.mode & 0o777 : 0o666
        try {
          const handle = openSync(directory.at(draft), MAKE_IT, mode)
          try {
            writeFileSync(handle, text)
            if (secret || found) fchmodSync(handle, mode)
          } finally {
            closeSync(handle)
          }
          renameSync(directory.at(draft), directory.at(name))
        } catch (reason) {
          rmSync(directory.at(draft), { force: true })
          throw reason
        }
      }, { make: true })
    },
    has: (path) => look(path) !== undefined,
    remove(path) {
      within(path, (directory, name) => removeFrom(directory, name))
    },
  }
  return {
    path: root,
    inspect: (paths) => {
      for (const path of paths) inWords(path, () => folder.inspect([path]))
    },
    read: (file) => inWords(file, () => folder.read(file)),
    list: (path) => inWords(path, () => folder.list(path)),
    files: (path) => inWords(path, () => folder.files(path)),
    write: (file, text, options) => inWords(file, () => folder.write(file, text, options)),
    has: (path) => inWords(path, () => folder.has(path)),
    remove: (path) => inWords(path, () => folder.remove(path)),
  }

  /**
   * Calls `use` with the directory that has a path's last part, each directory on the way opened in the one before; undefined
   * where one of them is missing. None of them is a link.
   */
  function within<T>(
    path: string,
    use: (directory: Directory, name: string) => T,
    { make = false } = {},
  ): T | undefined {
    const parts = path.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes(sep))) throw notPlain(path)
    const opened = [openDirectory(root)]
    try {
      if (!isSame(opened[0]!.is, is)) throw exchanged(root)
      for (const [index, part] of parts.slice(0, -1).entries()) {
        const here = parts.slice(0, index + 1).join('/')
        const around = opened.at(-1)!
        const found = lookAt(around, part, here)
        if (!found && !make) return undefined
        if (!found) makeDirectory(around.at(part))
        else if (!found.isDirectory()) throw notPlain(here)
        opened.push(enter(around, part, here))
      }
      return use(opened.at(-1)!, parts.at(-1)!)
    } finally {
      for (const directory of opened.reverse()) directory.close()
    }
  }

  function filesIn(folder: string): string[] {
    const names = within(folder, (directory, name) => namesIn(directory, name, folder)) ?? []
    return names.flatMap((name) => {
      const path = `${folder}/${name}`
      return look(path)?.isDirectory() ? filesIn(path) : [path]
    })
  }

  /** What is at a path; undefined where there is nothing. */
  function look(path: string): Stats | undefined {
    return within(path, (directory, name) => lookAt(directory, name, path))
  }

  function walk(path: string, found: Stats | undefined): void {
    if (!found) return
    if (!found.isDirectory()) {
      if (!found.isFile()) throw notPlain(path)
      return
    }
    const names = within(path, (directory, name) => namesIn(directory, name, path)) ?? []
    for (const name of names) walk(`${path}/${name}`, look(`${path}/${name}`))
  }
}

/** What a name stands for in a directory. `path` is how it is called in an error. */
function lookAt(directory: Directory, name: string, path: string): Stats | undefined {
  const found = lstatSync(directory.at(name), { throwIfNoEntry: false })
  if (found?.isSymbolicLink()) throw linked(path, directory.at(name))
  return found
}

function enter(directory: Directory, name: string, path: string): Directory {
  try {
    return directory.enter(name)
  } catch (reason) {
    // Something else has come into its place since it was looked at.
    lookAt(directory, name, path)
    throw IS_ANOTHER.includes((reason as NodeJS.ErrnoException).code ?? '') ? notPlain(path) : reason
  }
}

const IS_ANOTHER = ['ELOOP', 'ENOTDIR', 'ENOENT']

function namesIn(around: Directory, name: string, path: string): string[] {
  const found = lookAt(around, name, path)
  if (!found) return []
  if (!found.isDirectory()) throw notPlain(path)
  const directory = enter(around, name, path)
  try {
    return directory.list()
  } finally {
    directory.close()
  }
}

function readPlain(directory: Directory, name: string, path: string): string | undefined {
  if (!lookAt(directory, name, path)) return undefined
  let handle: number
  try {
    handle = openSync(directory.at(name), READ_IT_ITSELF)
  } catch (reason) {
    lookAt(directory, name, path)
    throw (reason as NodeJS.ErrnoException).code === 'ELOOP' ? notPlain(path) : reason
  }
  try {
    if (!fstatSync(handle).isFile()) throw notPlain(path)
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}

/** With all that is in it. A link is taken away, and not followed. */
function removeFrom(around: Directory, name: string): void {
  const found = lstatSync(around.at(name), { throwIfNoEntry: false })
  if (!found) return
  if (!found.isDirectory()) return unlinkSync(around.at(name))
  const directory = enter(around, name, name)
  try {
    for (const inside of directory.list()) removeFrom(directory, inside)
  } finally {
    directory.close()
  }
  rmdirSync(around.at(name))
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path)
  } catch (reason) {
    // Somebody else made it, or something in its place, which is seen when it is entered.
    if ((reason as NodeJS.ErrnoException).code !== 'EEXIST') throw reason
  }
}

function realPathOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false }) && realpathSync(path)
  if (found && lstatSync(found).isDirectory()) return found
  throw new SupaqueueError('SQ422', `${path} is not a folder`, 'Name the folder of a Supabase project.')
}

/** What the system refuses is told by the name that people know the file by, not by the one that we open it by. */
function inWords<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (reason) {
    const { code, message } = reason as NodeJS.ErrnoException
    if (reason instanceof SupaqueueError || !/^E[A-Z]+$/.test(code ?? '')) throw reason
    throw new SupaqueueError(
      'SQ409',
      `${path} cannot be read or written: ${message.replace(/,.*/s, '')}`,
      'What was written before stays. Let whoever runs this command read and write there, then run the same command again.',
    )
  }
}

const linked = (path: string, file: string): SupaqueueError =>
  new SupaqueueError(
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

const notPlain = (path: string): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `${path} is not a plain file where one must be, or not a folder`,
    'Nothing was changed there. Move it away, then run the same command again.',
  )
