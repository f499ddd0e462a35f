import type { Request } from './queue.ts'

/** What came of a request; the fields without a value are null, as in the table. */
export type Answer = {
  status: number | null
  contentType: string | null
  headers: Record<string, string> | null
  content: string | null
  timedOut: boolean
  error: string | null
}

/** Sends a request once. A failure is an answer, too; throws only if `abandoned` says that nobody waits any more. */
export async function send(request: Request, abandoned: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(request.timeoutMs)
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body && new Uint8Array(request.body),
      signal: AbortSignal.any([timeout, abandoned]),
    })
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      headers: Object.fromEntries(response.headers),
      content: await response.text(),
      timedOut: false,
      error: null,
    }
  } catch (reason) {
    abandoned.throwIfAborted()
    return failure(timeout.aborted ? `Timeout of ${request.timeoutMs} ms reached` : explain(reason), timeout.aborted)
  }
}

/** What comes of a request that nobody answers. */
export const failure = (error: string, timedOut: boolean): Answer => ({
  status: null,
  contentType: null,
  headers: null,
  content: null,
  timedOut,
  error,
})

// fetch says only "fetch failed" and keeps the reason behind it.
function explain(reason: unknown): string {
  const { message, cause } = reason as Error
  return cause instanceof Error && cause.message !== '' ? `${message}: ${cause.message}` : message
}
