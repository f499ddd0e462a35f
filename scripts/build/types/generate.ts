import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ClientBase } from 'pg'
import { readCatalog } from './catalog.ts'
import { render } from './render.ts'
import { routinesForPeople } from './routines.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Where the types are kept. */
export const typesFile = at('../../../supabase/functions/_shared/supaqueue/database_types.ts')

/** The text of the types file for a database that supaqueue is installed in, formatted as all our files are. */
export async function generateTypes(db: ClientBase): Promise<string> {
  const text = render(await readCatalog(db, routinesForPeople()))
  const { stdout, stderr, status } = spawnSync(
    at('../../../node_modules/.bin/deno'),
    ['fmt', '--config', at('../../../deno.json'), '--ext', 'ts', '-'],
    { input: text, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`the types could not be formatted: ${stderr}`)
  return stdout
}
