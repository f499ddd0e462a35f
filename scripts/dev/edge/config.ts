import { statSync } from 'node:fs'
import { readOpened } from '../project/read_opened.ts'

/** What `[functions.<name>]` of supabase/config.toml may say. Paths are relative to that file. */
export type FunctionSettings = { verify_jwt?: boolean; enabled?: boolean; entrypoint?: string; import_map?: string }

/**
 * Reads the sections of all functions. Not a TOML reader: it knows plain `key = true | false | "text"` lines, which is
 * all that these sections consist of.
 */
export function readFunctionSettings(configFile: string): Record<string, FunctionSettings> {
  const found = statSync(configFile, { throwIfNoEntry: false, bigint: true })
  if (!found?.isFile()) return {}
  const stamp = `${found.ino} ${found.size} ${found.mtimeNs}`
  const before = known.get(configFile)
  if (before?.stamp === stamp) return before.settings
  const settings = parse(readOpened(configFile, () => {}))
  known.set(configFile, { stamp, settings })
  return settings
}

// Asked for at every request: read again only when the file has changed.
const known = new Map<string, { stamp: string; settings: Record<string, FunctionSettings> }>()

function parse(text: string): Record<string, FunctionSettings> {
  const settings: Record<string, Record<string, unknown>> = {}
  let section: Record<string, unknown> | undefined
  for (const line of text.split('\n')) {
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
