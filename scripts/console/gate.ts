import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { HintedError } from '../hinted_error.ts'

/** Who may come in: whoever once opened the address with the token of this start. */
export type Gate = {
  token: string
  /** The header that lets a browser in from now on, if the address has the right token. */
  cookieFor(url: URL): string | undefined
  /** Throws a `HintedError` at a request that is not from our page in a browser that was let in. */
  check(request: IncomingMessage, url: URL): void
}

/** `port` is the one we listen at: another page on this machine is another origin. */
export function makeGate(port: () => number, token = randomBytes(24).toString('base64url')): Gate {
  const isToken = (text: string | null | undefined) => timingSafeEqual(digest(text ?? ''), digest(token))
  // Cookies do not tell ports apart, so the name does.
  const cookieName = () => `supaqueue_console_${port()}`

  return {
    token,
    cookieFor(url) {
      if (!isToken(url.searchParams.get('token'))) return undefined
      return `${cookieName()}=${token}; Path=/; HttpOnly; SameSite=Strict`
    },
    check(request, url) {
      // A name of somebody else's that leads to this machine would have a stranger's page read us.
      const host = request.headers.host ?? ''
      if (![`127.0.0.1:${port()}`, `localhost:${port()}`].includes(host)) {
        throw new HintedError('SQ403', `the console does not answer as ${host}`, 'Open it as http://127.0.0.1.')
      }
      const origin = request.headers.origin
      if (request.method !== 'GET' && origin !== `http://${host}`) {
        throw new HintedError('SQ403', 'this request is not from the console', 'Nothing was changed.')
      }
      if (!isToken(cookieOf(request, cookieName())) && !isToken(url.searchParams.get('token'))) {
        throw new HintedError(
          'SQ401',
          'this browser has not been let in',
          'Open the address that pnpm console printed: it has a token, which is another at every start.',
        )
      }
    },
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()

const cookieOf = (request: IncomingMessage, name: string) =>
  (request.headers.cookie ?? '').split('; ').find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1)
