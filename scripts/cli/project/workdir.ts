import { existsSync } from 'node:fs'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { home } from '../place.ts'
import { openFolder } from './folder.ts'

/** The files of somebody's Supabase project. Paths are relative to its folder. Writes what differs, and tells what it wrote. */
export type Workdir = {
  folder: string
  read(path: string): string | undefined
  list(path: string): string[]
  /** The files in a folder and in those within it, by their paths in it. */
  files(path: string): string[]
  has(path: string): boolean
  /** Says whether anything had to be written. A file whose lines end as on Windows keeps that, but for secrets. */
  write(path: string, text: string, options?: { secret?: boolean }): boolean
  /** Says whether there was anything. */
  remove(path: string): boolean
}

/** All that is ever read or written there: looked at for links before anything is written. */
const OURS = [
  'supabase/config.toml',
  'supabase/.gitignore',
  'supabase/.env',
  'supabase/.env.local',
  'supabase/supaqueue.seed.sql',
  'supabase/migrations/',
  'supabase/functions/.env',
  'supabase/functions/supaqueue/',
  'supabase/functions/supaqueue-api/',
]

/**
 * Opens a folder that has a supabase/config.toml. `told` gets a line per file; `dry` writes none. Refuses a folder with
 * links where we would read or write, and our own: what is installed into it, or removed from it, would be our sources.
 * `more` is what else will be read or written; `withoutConfig`: it is still to be made.
 */
export function openWorkdir(
  path: string,
  told: (line: string) => void,
  dry = false,
  { more = [], withoutConfig = false }: { more?: string[]; withoutConfig?: boolean } = {},
): Workdir {
  if (!existsSync(path)) throw noProject(path)
  const folder = openFolder(path)
  folder.inspect([...OURS, ...more])
  if (!withoutConfig && folder.read('supabase/config.toml') === undefined) throw noProject(folder.path)
  if (folder.path === openFolder(home).path) {
    throw new SupaqueueError(
      'SQ422',
      `${folder.path} is supaqueue itself, not a project of yours`,
      'Nothing was changed. Call it in the folder of your project, with pnpm --dir <this folder> supaqueue:install --local; or name the project: --into <path>.',
    )
  }

  return {
    folder: folder.path,
    read: folder.read,
    list: folder.list,
    files: folder.files,
    has: folder.has,
    write(file, plain, options) {
      const before = folder.read(file)
      // Whoever reads a secret by a shell would take the end of its line for a part of it.
      const keeps = before !== undefined && !options?.secret && endsLinesAsWindows(before)
      const text = keeps ? asWindows(plain) : plain
      if (before === text) return false
      told(`${before === undefined ? 'new:    ' : 'changed:'} ${file}`)
      if (!dry) folder.write(file, text, options)
      return true
    },
    remove(path) {
      if (!folder.has(path)) return false
      told(`removed: ${path}`)
      if (!dry) folder.remove(path)
      return true
    },
  }
}

// Git may have them so in the folder, and otherwise in the repository.
const endsLinesAsWindows = (text: string): boolean => text.includes('\r\n') && !/(^|[^\r])\n/.test(text)
const asWindows = (text: string): string => text.replace(/\r?\n/g, '\r\n')

const noProject = (path: string): SupaqueueError =>
  new SupaqueueError(
    'SQ422',
    `${path} has no supabase/config.toml`,
    'Name the folder of a Supabase project, or make it one: npx supabase init.',
  )
