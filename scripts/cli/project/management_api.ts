import { setTimeout as pause } from 'node:timers/promises'
import { noAnswer, platformFailure } from './failure.ts'

/**
 * The Management API. `what` says in an error what was tried; paths begin below `/v1/projects/<ref>`. Bundling and sending
 * a function is left to the CLI; the rest is asked for here, because here a failure has a status and no secret needs a file.
 */
export type ManagementApi = {
  get(what: string, path: string): Promise<unknown>
  send(what: string, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
}

export type ManagementApiOptions = {
  apiUrl: string
  ref: string
  token: string
  /** Further tries after 429 and, when reading, after 5xx and lost connections. Default 3. */
  retries?: number
  /** For one request, in milliseconds. Default 15,000. */
  timeoutMs?: number
}

export function openManagementApi(options: ManagementApiOptions): ManagementApi {
  const { apiUrl, ref, token, retries = 3, timeoutMs = 15_000 } = options

  async function request(what: string, method: string, path: string, body?: unknown): Promise<unknown> {
    for (let tried = 0;; tried++) {
      const last = tried >= retries
      let response: Response
      try {
        response = await fetch(`${apiUrl}/v1/projects/${ref}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        })
      } catch (reason) {
        // A change whose answer was lost may have been made; the caller runs again and looks first.
        if (last || method !== 'GET') throw noAnswer(what, causeOf(reason))
        await pause(waitMs(tried))
        continue
      }
      if (response.ok) return parse(await response.text())
      const passing = response.status === 429 || (method === 'GET' && response.status >= 500)
      if (last || !passing) throw platformFailure(what, response.status, await messageOf(response))
      await pause(Number(response.headers.get('retry-after')) * 1000 || waitMs(tried))
    }
  }

  return {
    get: (what, path) => request(what, 'GET', path),
    send: request,
  }
}

// Some changes are answered by nothing at all.
const parse = (text: string): unknown => text === '' ? undefined : JSON.parse(text)

const waitMs = (tried: number) => 500 * 2 ** tried

const causeOf = (reason: unknown): string => {
  const { name, message, cause } = reason as Error
  if (name === 'TimeoutError') return 'no answer in time'
  return (cause as NodeJS.ErrnoException)?.code ?? message
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '')
  try {
    return String(JSON.parse(text).message ?? '').slice(0, 200)
  } catch {
    return ''
  }
}
