import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HintedError } from '../hinted_error.ts'

/** The edge functions that are ours: the dispatcher, and the HTTP door, which is installed on request. */
export type EdgeFunction = 'supaqueue' | 'supaqueue-api'

const home = join(import.meta.dirname, '../../supabase/functions')

/** The files of a function that are deployed, by name, in order. Throws when the checkout lacks what must be there. */
export function edgeFiles(fn: EdgeFunction): { name: string; text: string }[] {
  const folder = join(home, fn)
  for (const name of ['index.ts', 'deno.json']) {
    // The CLI would only warn, and deploy a function that does not start.
    if (!existsSync(join(folder, name))) {
      throw new HintedError(
        'SQ404',
        `supabase/functions/${fn}/${name} is missing`,
        'This checkout of supaqueue is not complete: get it anew.',
      )
    }
  }
  return readdirSync(folder)
    .filter((name) => /\.(ts|json)$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

/** Says whether what is deployed is what stands here: SHA-256 (hex) over names and texts. */
export const edgeChecksum = (fn: EdgeFunction): string =>
  createHash('sha256').update(JSON.stringify(edgeFiles(fn).map(({ name, text }) => [name, text]))).digest('hex')

/** Puts a function into a folder as the CLI wants it, with nothing of this checkout besides. */
export async function copyEdgeFunction(fn: EdgeFunction, folder: string): Promise<void> {
  const target = join(folder, 'supabase/functions', fn)
  await mkdir(target, { recursive: true })
  for (const { name, text } of edgeFiles(fn)) await writeFile(join(target, name), text)
  await writeFile(
    join(folder, 'supabase/config.toml'),
    `[functions.${fn}]\nverify_jwt = false\nimport_map = "./functions/${fn}/deno.json"\n`,
  )
}
