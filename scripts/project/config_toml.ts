import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import { HintedError } from '../hinted_error.ts'

/** What of supabase/config.toml matters to us. */
export type Config = {
  api?: { enabled?: boolean; port?: number; schemas?: string[] }
  db?: { port?: number; vault?: Record<string, string>; seed?: { enabled?: boolean; sql_paths?: string[] } }
  edge_runtime?: { secrets?: Record<string, string> }
  functions?: Record<string, { verify_jwt?: boolean; import_map?: string }>
}

export function readConfig(text: string): Config {
  try {
    return parse(text) as Config
  } catch (reason) {
    throw new HintedError(
      'SQ422',
      `supabase/config.toml cannot be read: ${(reason as Error).message}`,
      'Mend the file; supabase start would not take it, either.',
    )
  }
}

/** The text with `change` made to what it says. Comments, order and everything else stay as they are. */
export function editConfig(text: string, change: (config: Config) => void): string {
  const wanted = readConfig(text)
  change(wanted)
  if (isSame(wanted, readConfig(text))) return text
  const edited = patch(appendTables(text, wanted), wanted)
  if (isSame(readConfig(edited), wanted)) return edited
  throw new HintedError(
    'SQ500',
    'supabase/config.toml is written in a way that we cannot edit',
    'Nothing was changed. Add by hand what scripts/README.md lists under "Into your own project".',
  )
}

// What the parser makes are no plain objects; what they say counts, in whatever order.
const isSame = (left: Config, right: Config): boolean => isDeepStrictEqual(plain(left), plain(right))
const plain = (config: Config): unknown => JSON.parse(JSON.stringify(config))

/** Puts down the tables that the text lacks, each under a header of its own, as people write them. */
function appendTables(text: string, wanted: Config): string {
  const present = readConfig(text)
  const missing: [string, unknown, unknown][] = [
    ['db.vault', present.db?.vault, wanted.db?.vault],
    ['db.seed', present.db?.seed, wanted.db?.seed],
    ['edge_runtime.secrets', present.edge_runtime?.secrets, wanted.edge_runtime?.secrets],
    ['functions.supaqueue', present.functions?.supaqueue, wanted.functions?.supaqueue],
    ['functions.supaqueue-api', present.functions?.['supaqueue-api'], wanted.functions?.['supaqueue-api']],
    ['api', present.api, wanted.api],
  ]
  let longer = text
  for (const [name, before, after] of missing) {
    if (before !== undefined || after === undefined) continue
    const lines = Object.entries(after as object).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    const attempt = `${longer.replace(/\n*$/, '\n')}\n[${name}]\n${lines.join('\n')}\n`
    // Where its parent is written in one line, a table of its own would contradict it; then it goes into that line.
    if (isReadable(attempt)) longer = attempt
  }
  return longer
}

function isReadable(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
