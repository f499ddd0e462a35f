import { useEffect, useState } from 'preact/hooks'
import type { Refusal } from './answers.ts'
import { pass, passed } from './entry.ts'
import { afterPress } from './press.ts'

/** What was read last, and what came in its way since. */
export type Live<Answer> = { data?: Answer; error?: Refusal }

const REFRESH = 'supaqueue:refresh'

// After a failure; the server may be starting anew.
const AGAIN_MS = 3000

/** Has everything on the page read anew at once: after a change. */
export const refresh = (): void => void dispatchEvent(new Event(REFRESH))

/**
 * Reads `/api/<path>` and keeps it up to date for as long as somebody looks: as often as the server says, which knows
 * what it costs, and never under a finger. Null reads nothing.
 */
export function useLive<Answer>(path: string | null): Live<Answer> {
  const [live, setLive] = useState<Live<Answer> & { path?: string | null }>({})

  useEffect(() => {
    if (path === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    let reading = 0

    const look = async (anew: boolean) => {
      clearTimeout(timer)
      if (document.hidden) return
      const mine = ++reading
      const current = () => !stopped && mine === reading
      let nextMs = AGAIN_MS
      try {
        const { answer, refreshMs } = await read<Answer>(path, { anew })
        nextMs = refreshMs
        afterPress(() => current() && setLive({ path, data: answer }))
      } catch (error) {
        afterPress(() =>
          current() && setLive((before) => ({ ...(before.path === path && before), path, error: error as Refusal }))
        )
      }
      if (current()) timer = setTimeout(() => look(false), nextMs)
    }

    const lookAnew = () => look(true)
    lookAnew()
    document.addEventListener('visibilitychange', lookAnew)
    addEventListener(REFRESH, lookAnew)
    return () => {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', lookAnew)
      removeEventListener(REFRESH, lookAnew)
    }
  }, [path])

  return live.path === path ? live : {}
}

/** The row that somebody asked about as it is now; as it was then, when it is not among those that are read. */
export const asItIsNow = <Row>(asked: Row, rows: Row[] | undefined, isSame: (row: Row) => boolean): Row =>
  rows?.find(isSame) ?? asked

/**
 * Reads once; `anew` when it is looked at for the first time, so that nothing is shown that was read for others long ago.
 * Throws a `Refusal`.
 */
export async function read<Answer>(
  path: string,
  { anew = false } = {},
): Promise<{ answer: Answer; refreshMs: number }> {
  const response = await ask(path, anew ? { headers: { 'cache-control': 'no-cache' } } : {})
  return { answer: await response.json(), refreshMs: Number(response.headers.get('x-refresh-ms')) || AGAIN_MS }
}

/** Does something. Throws a `Refusal`; otherwise everything on the page is read anew. */
export async function act<Answer>(name: string, body: unknown): Promise<Answer> {
  const response = await ask(name, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  refresh()
  return answer
}

async function ask(path: string, request: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
  const token = await pass()
  const response = await fetch(`/api/${path}`, {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${token}` },
  }).catch(() => {
    throw unreachable
  })
  passed(token, response.status !== 401)
  if (response.ok) return response
  throw await response.json()
}

const unreachable: Refusal = {
  code: 'SQ504',
  message: 'the console does not answer',
  hint: 'Is pnpm console still running? It is tried again by itself.',
}
