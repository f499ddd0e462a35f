import { existsSync, readFileSync } from 'node:fs'

/** What `[functions.<name>]` of supabase/config.toml may say. Paths are relative to that file. */
export type FunctionSettings = { verify_jwt?: boolean; enabled?: boolean; entrypoint?: string; import_map?: string }

/**
 * Reads the sections of all functions. Not a TOML reader: it knows plain `key = true | false | "text"` lines, which is
 * all that these sections consist of.
 */
export function readFunctionSettings(configFile: string): Record<string, FunctionSettings> {
  if (!existsSync(configFile)) return {}
  const settings: Record<string, Record<string, unknown>> = {}
  let section: Record<string, unknown> | undefined
  for (const line of readFileSync(configFile, 'utf8').split('\n')) {
    const header = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1]
    if (header !== undefined) {
      const name = /^functions\.["']?([\w-]+)["']?$/.exec(header)?.[1]
      section = name === undefined ? undefined : (settings[name] ??= {})
      continue
    }
    const [, key, quoted, bare] = /^\s*(\w+)\s*=\s*(?:["']([^"']*)["']|(true|false))/.exec(line) ?? []
    if (section && key) section[key] = quoted ?? (bare === 'true')
  }
  return settings
}
