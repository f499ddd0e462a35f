/** What is written in place of a secret. */
const HIDDEN = '***'

// Shorter ones stand in any text by chance, and these in ours.
const SHORTEST = 4
const ORDINARY = new Set(['postgres', 'password', 'secret', 'supabase', 'supaqueue'])

/** Variables that we read, and whose values are secret. */
const SECRET_VARIABLES = [
  'SUPABASE_DB_PASSWORD',
  'PGPASSWORD',
  'SUPABASE_ACCESS_TOKEN',
  'SUPAQUEUE_SECRET',
  'SUPAQUEUE_WORKER_PASSWORD',
  'SUPAQUEUE_API_PASSWORD',
  'SUPABASE_SECRET_KEY',
  'SUPABASE_SERVICE_ROLE_KEY',
]

/** What is said by name; not what somebody is to put there. */
const NAMED =
  /\b([\w-]*(?:password|passwd|pwd|secret|token|api_?key))(\s*=(?![>=])\s*)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&;,'"<$][^\s&;,'"]*)/gi
/** Of a URL the password ends at its last @. */
const IN_URLS = /(\w:\/\/[^\s:@/]*):\S*@/g

/**
 * What of a command line and its environment is secret: passwords of URLs and of connection strings, and the variables that hold
 * one; each as it stands there, and decoded.
 */
export function secretsOf(args: readonly string[], env: Record<string, string | undefined>): string[] {
  const found = new Set<string>()
  const add = (text: string | undefined) => {
    if (text === undefined || text.length < SHORTEST || ORDINARY.has(text)) return
    found.add(text)
    try {
      found.add(decodeURIComponent(text))
    } catch {
      // It has a percent sign that nobody encoded.
    }
  }
  const urls = Object.keys(env).filter((name) => /^SUPAQUEUE_DB_URL(_\d+)?$/.test(name)).map((name) => env[name] ?? '')
  for (const text of [...args, ...urls]) {
    // Up to the last @, whatever is between: a password that nobody encoded has anything in it.
    add(/:\/\/[^:@/]*:([^]*)@/.exec(text)?.[1])
    add(/:\/\/[^:@/]*:([^@]*)@/.exec(text)?.[1])
    for (const [, , , value] of text.matchAll(NAMED)) add(value?.replace(/^(['"])([^]*)\1$/, '$2'))
    // Blanks and all, where a quote is missing.
    add(/(?:password|passwd|pwd)\s*=\s*([^]*)$/i.exec(text)?.[1])
  }
  const secret = new RegExp(`^(${SECRET_VARIABLES.join('|')})(_\\d+)?$`)
  Object.keys(env).filter((name) => secret.test(name)).forEach((name) => add(env[name]))
  // One may be part of another.
  return [...found].sort((one, other) => other.length - one.length)
}

/** A text without passwords: those that are known, and whatever stands where one does. */
export function withoutSecrets(text: string, known: readonly string[]): string {
  const hidden = known.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text)
  return hidden.replace(IN_URLS, `$1:${HIDDEN}@`).replace(NAMED, `$1$2${HIDDEN}`)
}
