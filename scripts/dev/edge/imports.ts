import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EdgeFunction } from './catalogue.ts'
import { type Fence, readWithin } from './fence.ts'

/** What stands in for a package: where its entrances are, and what they import in turn. */
export type Replacement = { name: string; entrances: Record<string, string>; imports: Record<string, string> }

type ImportMap = {
  imports?: Record<string, string>
  scopes?: Record<string, Record<string, string>>
  importMap?: string
}

/**
 * The same function, reading our own files wherever it imports the package: what is served here is this release, whether it is
 * published or not. Its import map, with the paths in it made absolute, is written into `folder`; maps that lead out of the
 * fence are not read.
 */
export function withReplacement(
  fn: EdgeFunction,
  { name, entrances, imports }: Replacement,
  folder: string,
  fence?: Fence,
): EdgeFunction {
  const found = fn.importMap ?? shared(fn)
  const given = found ? readMap(found, fence) : {}
  const ours: Record<string, string> = { ...imports }
  const entranceOf = (target: string): string | undefined => {
    const [, path] = new RegExp(`^npm:/?${name}(?:@[^/]*)?(/.*)?$`).exec(target) ?? [undefined, undefined]
    return target.startsWith('npm:') && new RegExp(`^npm:/?${name}(@|/|$)`).test(target)
      ? entrances[(path ?? '').replace(/^\//, '')]
      : undefined
  }
  const kept = Object.entries(given.imports ?? {}).flatMap(([key, target]): [string, string][] => {
    if (key.endsWith('/') && new RegExp(`^npm:/?${name}(@[^/]*)?/$`).test(target)) {
      return Object.entries(entrances).map(([path, file]) => [`${key}${path}`, url(file)])
    }
    const entrance = entranceOf(target)
    return [[key, entrance ? url(entrance) : target]]
  })
  for (const [path, file] of Object.entries(entrances)) {
    const bare = path === '' ? name : `${name}/${path}`
    ours[bare] ??= url(file)
    for (const specifier of versionsIn(fn, name, fence)) {
      ours[path === '' ? specifier : `${specifier}/${path}`] = url(file)
    }
  }
  const map = { ...given, imports: { ...ours, ...Object.fromEntries(kept) } }
  const target = join(folder, `${fn.name}.deno.json`)
  writeFileSync(target, JSON.stringify(map))
  return { ...fn, importMap: target }
}

const url = (path: string): string => pathToFileURL(path).href

/** `npm:supaqueue`, with the version that the function names. */
function versionsIn(fn: EdgeFunction, name: string, fence?: Fence): string[] {
  const text = existsSync(fn.entry) ? readWithin(fence, fn.entry) : ''
  const named = [...text.matchAll(new RegExp(`['"](npm:/?${name}(?:@[^/'"]*)?)(?=[/'"])`, 'g'))].map((match) =>
    match[1]!
  )
  return [...new Set([`npm:${name}`, ...named])]
}

/** One import map for all functions of a project, as older ones have it. */
const shared = (fn: EdgeFunction): string | undefined =>
  ['deno.json', 'deno.jsonc', 'import_map.json'].map((file) => join(fn.folder, '..', file)).find(existsSync)

/** With what it points to, and paths that hold from elsewhere. Undefined parts where it cannot be read: then Deno says so. */
function readMap(path: string, fence?: Fence): ImportMap {
  const map = JSON.parse(withoutComments(readWithin(fence, path))) as ImportMap
  const further = map.importMap === undefined ? {} : readMap(join(dirname(path), map.importMap), fence)
  const { importMap: _, ...rest } = map
  const absolute = (imports: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(imports).map(([key, target]) => [
        key,
        /^\.{0,2}\//.test(target) ? new URL(target, pathToFileURL(path)).href : target,
      ]),
    )
  return {
    ...rest,
    imports: { ...further.imports, ...absolute(map.imports) },
    ...(map.scopes && {
      scopes: Object.fromEntries(Object.entries(map.scopes).map(([scope, imports]) => [scope, absolute(imports)])),
    }),
  }
}

/** JSON of what may have comments, and commas before a closing bracket. */
const withoutComments = (text: string): string =>
  text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/.*$|\/\*[\s\S]*?\*\//gm, (_, string?: string) => string ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '')
