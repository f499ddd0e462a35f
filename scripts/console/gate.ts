import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/** Who may come in: whoever shows the token of this start. A browser shows it with nothing that it sends by itself. */
export type Gate = {
  token: string
  /** Throws a `SupaqueueError` at a request that came by another name, or from another page. */
  greet(request: IncomingMessage): void
  /** Throws a `SupaqueueError` at a request that does not show the token. */
  admit(request: IncomingMessage): void
}

/** `port` is the one we listen at: another page on this machine is another origin. */
export function makeGate(port: () => number, token = randomBytes(24).toString('base64url')): Gate {
  const expected = digest(`Bearer ${token}`)

  return {
    token,
    greet({ method = 'GET', headers }) {
      // A name of somebody else's that leads to this machine would have a stranger's page read us.
      const host = headers.host ?? ''
      if (![`127.0.0.1:${port()}`, `localhost:${port()}`].includes(host)) {
        throw new SupaqueueError('SQ403', `the console does not answer as ${host}`, 'Open it as http://127.0.0.1.')
      }
      // Pages of other ports are of the same site. Who follows a link from there comes in; what they load does not.
      const site = headers['sec-fetch-site'] ?? 'none'
      const followed = method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
      const elsewhere = method !== 'GET' && headers.origin !== `http://${host}`
      if (elsewhere || !(site === 'none' || site === 'same-origin' || followed)) {
        throw new SupaqueueError('SQ403', 'this request is not from the console', 'Nothing was changed.')
      }
    },
    admit({ headers }) {
      if (timingSafeEqual(digest(headers.authorization ?? ''), expected)) return
      throw new SupaqueueError(
        'SQ401',
        'this browser has no access yet',
        'Open the address that pnpm console printed: it has a token, which is new at every start.',
      )
    },
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
