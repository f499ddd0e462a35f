import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HintedError } from '../hinted_error.ts'

const home = join(import.meta.dirname, '../../supabase/functions/supaqueue')

/** The files of the dispatcher that are deployed, by name, in order. Throws when the checkout lacks what must be there. */
export function dispatcherFiles(): { name: string; text: string }[] {
  for (const name of ['index.ts', 'deno.json']) {
    // The CLI would only warn, and deploy a function that does not start.
    if (!existsSync(join(home, name))) {
      throw new HintedError(
        'SQ404',
        `supabase/functions/supaqueue/${name} is missing`,
        'This checkout of supaqueue is not complete: get it anew.',
      )
    }
  }
  return readdirSync(home)
    .filter((name) => /\.(ts|json)$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(home, name), 'utf8') }))
}

/** Says whether what is deployed is what stands here: SHA-256 (hex) over names and texts. */
export const dispatcherChecksum = (): string =>
  createHash('sha256').update(JSON.stringify(dispatcherFiles().map(({ name, text }) => [name, text]))).digest('hex')

/** Puts the dispatcher into a folder as the CLI wants it, with nothing of this checkout besides. */
export async function copyDispatcher(folder: string): Promise<void> {
  const functions = join(folder, 'supabase/functions/supaqueue')
  await mkdir(functions, { recursive: true })
  for (const { name, text } of dispatcherFiles()) await writeFile(join(functions, name), text)
  await writeFile(
    join(folder, 'supabase/config.toml'),
    '[functions.supaqueue]\nverify_jwt = false\nimport_map = "./functions/supaqueue/deno.json"\n',
  )
}
