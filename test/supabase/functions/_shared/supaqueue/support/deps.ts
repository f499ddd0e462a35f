import type { Deps } from '../../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { secret } from './call.ts'

type Heard = { url: string; name: string; headers: Headers; args: Record<string, unknown> }

/** What the database answers to one call of a function: a value, or an error by its status. */
export type Answer = { status?: number; body?: unknown } | Error | undefined

export const gone = {
  status: 400,
  body: { code: 'SQ404', message: 'there is no such current job', hint: 'It has ended already.', details: null },
}

/** A runtime whose database is the function given: it gets the name of what was called, and how often that was before. */
export function makeDeps(answer: (name: string, before: number) => Answer = () => undefined) {
  const heard: Heard[] = []
  const kept: Promise<unknown>[] = []
  const logged: unknown[] = []
  const listeners = new Set<(reason: string) => void>()
  const env: Record<string, string> = {
    SUPAQUEUE_SECRET: secret,
    SUPABASE_URL: 'http://project.test',
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: 'sb_secret_default' }),
  }

  const deps: Deps = {
    env: (name) => env[name],
    now: Date.now,
    fetch: async (url, init) => {
      const name = String(url).split('/').at(-1) ?? ''
      const args = await new Response(init?.body).json()
      const before = heard.filter((one) => one.name === name).length
      heard.push({ url: String(url), name, headers: new Headers(init?.headers), args })
      const found = answer(name, before)
      if (found instanceof Error) throw found
      const { status = 200, body = null } = found ?? {}
      return Response.json(body, { status })
    },
    waitUntil: (work) => void kept.push(work),
    onUnload(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    log: (reason) => void logged.push(reason),
  }

  return {
    deps,
    env,
    heard,
    logged,
    listeners,
    calls: (name: string) => heard.filter((one) => one.name === name).map(({ args }) => args),
    unload: (reason: string) => listeners.forEach((listener) => listener(reason)),
    /** Waits for the work that outlives the answer. */
    settled: () => Promise.all(kept),
  }
}
