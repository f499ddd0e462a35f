import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readFunctionSettings } from './config.ts'

/** A function on disk. */
export type EdgeFunction = { name: string; folder: string; entry: string; importMap?: string; verifyJwt: boolean }

/** Finds functions by name, in folders laid out as the Supabase CLI wants it: <folder>/<name>/index.ts. */
export type Catalogue = { find(name: string): EdgeFunction | undefined; names(): string[] }

/** Where functions are; `only` are those that count there. */
export type FunctionFolder = string | { folder: string; only: string[] }

/** Looks at the disk at every call, so that a function added meanwhile is found. The first folder that has it wins. */
export function makeCatalogue(folders: FunctionFolder[]): Catalogue {
  const find = (name: string) => {
    // Names that begin otherwise are shared code, by the CLI's convention.
    if (!/^[A-Za-z][\w-]*$/.test(name)) return undefined
    for (const place of folders) {
      if (typeof place !== 'string' && !place.only.includes(name)) continue
      const found = lookUp(resolve(pathOf(place)), name)
      if (found) return found
    }
    return undefined
  }
  const names = () =>
    [...new Set(folders.map(pathOf).flatMap(subfolders))].filter((name) => find(name) !== undefined).sort()
  return { find, names }
}

function lookUp(folder: string, name: string): EdgeFunction | undefined {
  const supabase = dirname(folder)
  const settings = readFunctionSettings(join(supabase, 'config.toml'))[name] ?? {}
  const entry = settings.entrypoint ? resolve(supabase, settings.entrypoint) : join(folder, name, 'index.ts')
  if (settings.enabled === false || !existsSync(entry)) return undefined

  const importMap = settings.import_map ? resolve(supabase, settings.import_map) : join(folder, name, 'deno.json')
  return {
    name,
    folder: join(folder, name),
    entry,
    ...(existsSync(importMap) && { importMap }),
    verifyJwt: settings.verify_jwt ?? true,
  }
}

export const pathOf = (place: FunctionFolder): string => typeof place === 'string' ? place : place.folder

const subfolders = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name)
    : []
