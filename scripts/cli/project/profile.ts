import { readFileSync } from 'node:fs'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { expectUrl, hostName } from './values.ts'

/** Where the platform is: the Management API, and the domain that projects are subdomains of. */
export type Profile = { apiUrl: string; projectHost: string }

const hosted: Profile = { apiUrl: 'https://api.supabase.com', projectHost: 'supabase.co' }

/** The platform that the Supabase CLI would talk to, so that both talk to the same: `SUPABASE_PROFILE`, else the hosted one. */
export function readProfile(env: Record<string, string | undefined>): Profile {
  const file = env.SUPABASE_PROFILE
  if (!file || file === 'supabase') return hosted
  const text = readText(file)
  const apiUrl = valueOf(text, 'api_url')
  const projectHost = valueOf(text, 'project_host')
  if (!apiUrl || !projectHost) {
    throw new SupaqueueError(
      'SQ422',
      `SUPABASE_PROFILE names ${file}, which does not say api_url and project_host`,
      'Unset SUPABASE_PROFILE for the hosted platform, or complete the file.',
    )
  }
  if (!hostName.safeParse(projectHost).success) {
    throw new SupaqueueError(
      'SQ422',
      `SUPABASE_PROFILE names ${file}, whose project_host is not a host: ${projectHost}`,
      'Write the name of a host alone, like supabase.co.',
    )
  }
  return { apiUrl: expectUrl(apiUrl, `api_url of ${file}`), projectHost }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (reason) {
    throw new SupaqueueError(
      'SQ422',
      `SUPABASE_PROFILE names ${file}, which cannot be read: ${(reason as Error).message}`,
      'Unset SUPABASE_PROFILE for the hosted platform, or name a profile file.',
    )
  }
}

// Flat files, as YAML or JSON: one key, one value.
const valueOf = (text: string, key: string): string | undefined =>
  new RegExp(`^[\\s{,"]*${key}"?\\s*:\\s*["']?([^"',\\s]+)`, 'm').exec(text)?.[1]
