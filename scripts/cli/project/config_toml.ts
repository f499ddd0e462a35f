import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import * as z from 'zod'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { port, reference } from './values.ts'

const paths = z.array(z.string())
const portOrReference = z.union([port, reference])

/** What of supabase/config.toml matters to us; the rest is left as it is, whatever it says. */
const shape = z.looseObject({
  api: z.looseObject({
    enabled: z.boolean().optional(),
    port: portOrReference.optional(),
    schemas: z.array(z.string()).optional(),
  }).optional(),
  db: z.looseObject({
    port: portOrReference.optional(),
    vault: z.record(z.string(), z.string()).optional(),
    seed: z.looseObject({ enabled: z.boolean().optional(), sql_paths: paths.optional() }).optional(),
    migrations: z.looseObject({ schema_paths: paths.optional() }).optional(),
  }).optional(),
  edge_runtime: z.looseObject({
    deno_version: z.int().optional(),
    secrets: z.record(z.string(), z.string()).optional(),
  }).optional(),
  functions: z.record(
    z.string(),
    z.looseObject({
      enabled: z.boolean().optional(),
      verify_jwt: z.boolean().optional(),
      import_map: z.string().optional(),
      entrypoint: z.string().optional(),
    }),
  ).optional(),
  remotes: z.record(
    z.string(),
    z.looseObject({
      api: z.looseObject({ schemas: z.array(z.string()).optional() }).optional(),
      db: z.looseObject({
        seed: z.looseObject({ enabled: z.boolean().optional(), sql_paths: paths.optional() }).optional(),
      })
        .optional(),
    }),
  ).optional(),
})

export type Config = z.infer<typeof shape>

/** Reads it, and refuses what is of another kind than it must be. @throws SupaqueueError SQ422, which names the place */
export function readConfig(text: string): Config {
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch (reason) {
    throw new SupaqueueError(
      'SQ422',
      `supabase/config.toml cannot be read: ${(reason as Error).message}`,
      'Fix the file; supabase start would not take it, either.',
    )
  }
  const [issue] = shape.safeParse(parsed).error?.issues ?? []
  // What was parsed, not what zod makes of it: the editor compares the two texts by it.
  if (!issue) return parsed as Config
  throw new SupaqueueError(
    'SQ422',
    `supabase/config.toml: ${issue.path.join('.')} is not what it must be (${issue.message})`,
    'Fix the file; supabase start would not take it, either. Nothing was changed.',
  )
}

/** The port that the file names, looked up in the environment where it only refers to that. */
export function portOf(
  named: number | string | undefined,
  fallback: number,
  env: Record<string, string | undefined>,
): number {
  if (named === undefined) return fallback
  const value = typeof named === 'string' ? Number(env[named.slice(4, -1)] || NaN) : named
  if (port.safeParse(value).success) return value
  throw new SupaqueueError(
    'SQ422',
    `supabase/config.toml: ${named} is not a port, or the environment does not say it`,
    'Set the variable to a number from 1 to 65535, or write the number into the file.',
  )
}

/** The text with `change` made to what it says. Comments, order and everything else stay as they are. */
export function editConfig(text: string, change: (config: Config) => void): string {
  const wanted = readConfig(text)
  change(wanted)
  if (isSame(wanted, readConfig(text))) return text
  const edited = patch(evenly(appendTables(text, wanted)), wanted)
  if (isSame(readConfig(edited), wanted)) return edited
  throw new SupaqueueError(
    'SQ500',
    'supabase/config.toml is written in a way that we cannot edit',
    'Nothing was changed. Add by hand what docs/operate/install.md lists under "Into your own project".',
  )
}

// What mixes the ends of its lines gets those of Windows throughout: the editor would, and would print a warning.
const evenly = (text: string): string => text.includes('\r\n') ? text.replace(/\r?\n/g, '\r\n') : text

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
    ...Object.keys(wanted.functions ?? {}).map((name): [string, unknown, unknown] => [
      `functions.${name}`,
      present.functions?.[name],
      wanted.functions?.[name],
    ]),
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
