import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { listOwn, readOwn } from '../place.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** The edge functions that are ours: the dispatcher, and the HTTP API, which is installed on request. */
export type EdgeFunction = 'supaqueue' | 'supaqueue-api'

const home = 'supabase/functions'

/** A file of a function. Its name is a path in the function's folder. */
export type EdgeFile = { name: string; text: string }

/**
 * The files of a function that are deployed, in the order of their names: what its entrance imports, its deno.json, and its
 * deno.lock, by which what these bring along is what it was when it was tested.
 * What it has from the folder of shared code comes into its own, so that it is whole and fits together wherever it is put:
 * in somebody's project the shared folder is not ours. Throws when the checkout lacks what must be there.
 */
export function edgeFiles(fn: EdgeFunction): EdgeFile[] {
  const folder = `${home}/${fn}`
  const present = listOwn(folder)
  for (const name of ['index.ts', 'deno.json', 'deno.lock']) {
    // The CLI would only warn, and deploy a function that does not start.
    if (!present.includes(name)) {
      throw new SupaqueueError(
        'SQ404',
        `supabase/functions/${fn}/${name} is missing`,
        'This checkout of supaqueue is not complete: get it again.',
      )
    }
  }
  const nameOf = (path: string) =>
    path.startsWith(shared) ? `_shared/${posix.relative(shared, path)}` : posix.relative(folder, path)
  return sourcesOf(`${folder}/index.ts`)
    .map(({ path, text }) => ({ name: nameOf(path), text: withImports(text, path, nameOf) }))
    .concat(['deno.json', 'deno.lock'].map((name) => ({ name, text: readOwn(`${folder}/${name}`) })))
    .sort((left, right) => left.name < right.name ? -1 : 1)
}

const shared = `${home}/_shared/supaqueue`

// What begins with a dot, whether it is imported at once or when it is needed.
const IMPORT = /(\bfrom\s+|\bimport\s+|\bimport\()'(\.{1,2}\/[^']+)'/g

/** A file, and whatever it imports of ours. */
export function sourcesOf(entry: string): { path: string; text: string }[] {
  const sources = new Map<string, string>()
  const visit = (path: string): void => {
    if (sources.has(path)) return
    const text = readOwn(path)
    sources.set(path, text)
    for (const [, , to] of text.matchAll(IMPORT)) visit(posix.join(posix.dirname(path), to!))
  }
  visit(entry)
  return [...sources].map(([path, text]) => ({ path, text }))
}

function withImports(text: string, path: string, nameOf: (path: string) => string): string {
  return text.replace(IMPORT, (_, head: string, to: string) => {
    const found = posix.relative(posix.dirname(nameOf(path)), nameOf(posix.join(posix.dirname(path), to)))
    return `${head}'${found.startsWith('.') ? found : `./${found}`}'`
  })
}

/** Says whether what is deployed is what stands here: SHA-256 (hex) over names and texts. */
export const edgeChecksum = (fn: EdgeFunction): string =>
  createHash('sha256').update(JSON.stringify(edgeFiles(fn).map(({ name, text }) => [name, text]))).digest('hex')

/** Puts a function into a folder as the CLI wants it, with nothing of this checkout besides. */
export async function copyEdgeFunction(fn: EdgeFunction, folder: string): Promise<void> {
  const target = join(folder, 'supabase/functions', fn)
  await mkdir(target, { recursive: true })
  for (const { name, text } of edgeFiles(fn)) {
    await mkdir(dirname(join(target, name)), { recursive: true })
    await writeFile(join(target, name), text)
  }
  await writeFile(
    join(folder, 'supabase/config.toml'),
    `[functions.${fn}]\nverify_jwt = false\nimport_map = "./functions/${fn}/deno.json"\n`,
  )
}
