import { refusedKind } from './address.ts'
import { notCallable, notReached } from '../outcome/not_callable.ts'

/** The IP addresses of a host, as the system resolves it. Rejects when there are none. */
export type Resolve = (host: string) => Promise<string[]>

/** Lets the calls of a host through, or throws a `NotCallable`. `host` is a URL's hostname. */
export type Guard = (host: string, signal: AbortSignal) => Promise<void>

const KEEP_MS = 5000
const MAX_HOSTS = 500

/**
 * Refuses hosts that lead into a network of our own: `killed`. A host that cannot be resolved is `failed`.
 * What was found is good for five seconds, so that a busy queue does not ask for every call.
 */
export function makeGuard({ resolve, now }: { resolve: Resolve; now: () => number }): Guard {
  const known = new Map<string, { until: number; kind: string | undefined }>()

  return async (hostname, signal) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const kind = isAddress(host) ? refusedKind(host) : await kindOf(host, signal)
    if (kind) {
      throw notCallable(
        `the host ${host} leads to an address that is ${kind}`,
        "To allow such targets, set 'allow_private_targets' in supaqueue.setting to 'on'",
      )
    }
  }

  async function kindOf(host: string, signal: AbortSignal): Promise<string | undefined> {
    const found = known.get(host)
    if (found && found.until > now()) return found.kind

    const addresses = await within(signal, resolve(host)).catch((reason) => {
      const why = typeof reason?.code === 'string' ? reason.code : reason?.name
      throw notReached(`no answer: the host ${host} cannot be resolved (${why})`)
    })
    // All of them: fetch may take any.
    const kind = addresses.length === 0 ? 'unknown' : addresses.map(refusedKind).find(Boolean)
    if (known.size >= MAX_HOSTS) known.clear()
    known.set(host, { until: now() + KEEP_MS, kind })
    return kind
  }
}

// A URL's hostname with digits only between dots is an IPv4 address, and only an IPv6 address has colons.
const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host)

function within<Found>(signal: AbortSignal, work: Promise<Found>): Promise<Found> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
