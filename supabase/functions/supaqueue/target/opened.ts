import type { Claim, QueueRow } from '../turn/turn.ts'
import { notCallable } from '../outcome/not_callable.ts'

/** What a server may read otherwise than we do: the pattern of assert_opened, on a path whose dots are resolved. */
const AMBIGUOUS = /(^|\/)\.{1,2}(;|%3b)|%2e|%2f|%5c|\\|\/\/|%25[0-9a-f]{2}|%c[01]|%[01][0-9a-f]|%7f|%ef%bc%(8e|8f|bc)/i

const CREDENTIAL = /auth|cookie|key|token|secret|passw|credential|session|signature/i

/** Whether what a queue sends with its calls proves who it is. Its own function does not count as somebody else. */
export const sendsCredential = ({ url, default_headers }: QueueRow): boolean =>
  Boolean(url) &&
  Object.entries(default_headers).some(([name, value]) =>
    typeof value === 'string' && value.startsWith('vault:') || CREDENTIAL.test(name)
  )

/**
 * What a job has of its own does not travel with the credential of its queue, unless the queue opens it: methods with
 * the beginning of a path, and names of headers. Throws a `NotCallable`. The database looks when the job is written, by the
 * same rules (assert_opened); the queue may have changed since.
 */
export function expectOpened(queue: QueueRow, { job }: Claim): void {
  if (!job.url && !job.method && !job.query && !job.headers || !sendsCredential(queue)) return
  const opens = queue.opens ?? []

  const headers = new Set(opens.map((entry) => entry.toLowerCase()))
  for (const name of Object.keys(job.headers ?? {})) {
    if (!headers.has(`header ${name.toLowerCase()}`)) throw closed(`have the header ${name}`, `header ${name}`)
  }

  const own = new URL(queue.url!)
  const url = new URL(job.url ?? queue.url!)
  const usual = (queue.method ?? 'POST').toUpperCase()
  const method = (job.method ?? usual).toUpperCase()
  if ((!job.url || job.url === queue.url) && method === usual && !job.query) return
  // What a server may read otherwise than we do is nobody's path.
  const isPlain = !AMBIGUOUS.test(url.pathname)
  if (!isPlain || !opens.some((entry) => isOpenedBy(entry, method, url, own))) {
    const entry = `${method} ${url.host === own.host ? url.pathname : url.origin + url.pathname}`
    throw closed(`do ${entry}`, entry)
  }
}

function isOpenedBy(entry: string, method: string, url: URL, own: URL): boolean {
  const [, verb, address, path = '/'] = /^(\S+)\s+(https?:\/\/[^/?#\s]+)?(\/\S*)?$/i.exec(entry) ?? []
  if (verb === undefined || ![method, '*'].includes(verb.toUpperCase())) return false
  if (address !== undefined && !URL.canParse(address)) return false
  const there = address === undefined ? own : new URL(address)
  if (there.host !== url.host || there.protocol === 'https:' && url.protocol !== 'https:') return false
  // By whole segments: /v1/items opens /v1/items/7, and not /v1/items-of-others.
  return url.pathname === path || url.pathname.startsWith(`${path.replace(/\/+$/, '')}/`)
}

const closed = (what: string, entry: string) =>
  notCallable(
    `a job of this queue cannot ${what}: the queue sends a credential, and has not opened it`,
    `Add ${JSON.stringify(entry)} to opens of supaqueue.queue`,
  )
