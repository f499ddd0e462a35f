import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { HintedError } from '../hinted_error.ts'

/** The files of somebody's Supabase project. Paths are relative to its folder. Writes what differs, and tells what it wrote. */
export type Workdir = {
  folder: string
  read(path: string): string | undefined
  list(path: string): string[]
  /** Says whether anything had to be written. */
  write(path: string, text: string, options?: { secret?: boolean }): boolean
  /** Says whether there was anything. */
  remove(path: string): boolean
}

/** Opens a folder that has a supabase/config.toml. `told` gets a line per file; `dry` writes none. */
export function openWorkdir(path: string, told: (line: string) => void, dry = false): Workdir {
  const folder = resolve(path)
  const at = (file: string) => join(folder, file)
  if (!existsSync(at('supabase/config.toml'))) {
    throw new HintedError(
      'SQ422',
      `${folder} has no supabase/config.toml`,
      'Name the folder of a Supabase project, or make it one: npx supabase init.',
    )
  }
  const read = (file: string) => existsSync(at(file)) ? readFileSync(at(file), 'utf8') : undefined

  return {
    folder,
    read,
    list: (file) => existsSync(at(file)) ? readdirSync(at(file)).sort() : [],
    write(file, text, { secret = false } = {}) {
      const before = read(file)
      if (before === text) return false
      told(`${before === undefined ? 'new:    ' : 'changed:'} ${file}`)
      if (dry) return true
      mkdirSync(dirname(at(file)), { recursive: true })
      // Before anything secret is in it, and also when the file was there: its mode counts only when it is made.
      if (secret) {
        writeFileSync(at(file), before ?? '', { mode: 0o600 })
        chmodSync(at(file), 0o600)
      }
      writeFileSync(at(file), text)
      return true
    },
    remove(file) {
      if (!existsSync(at(file))) return false
      told(`removed: ${file}`)
      if (!dry) rmSync(at(file), { recursive: true })
      return true
    },
  }
}
