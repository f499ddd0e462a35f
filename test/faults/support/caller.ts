import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lookup } from 'node:dns/promises'
import { fileURLToPath } from 'node:url'
import { denoProgram } from '../../../scripts/dev/edge/deno.ts'
import { makeFetch } from '../../../scripts/work/fetch.ts'
import { type Called, type Deps, makeCaller } from '../../../supabase/functions/supaqueue/call/call.ts'
import type { Claim, QueueRow, Secrets } from '../../../supabase/functions/supaqueue/turn/turn.ts'

/** A call, and all that the dispatcher knows when it makes one. */
export type Order = {
  outside: { functionsUrl: string; key: string; secrets: string[]; allowPrivate: boolean }
  queue: QueueRow
  secrets: Secrets
  claim: Claim
}

export type Caller = { call(order: Order): Promise<Called>; close(): Promise<void> }

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Calls with the fetch of this process. */
export const callHere = (): Promise<Caller> => callWith({ fetch })

/** Calls as `supaqueue work` does. */
export const callAsProcess = (): Promise<Caller> => callWith({ fetch: makeFetch(fetch), once: (body) => body })

const callWith = (means: Pick<Deps, 'fetch' | 'once'>): Promise<Caller> =>
  Promise.resolve({
    call: ({ outside, queue, secrets, claim }) =>
      makeCaller({
        ...outside,
        ...means,
        now: Date.now,
        resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
        allowPrivate: () => outside.allowPrivate,
      })(queue, secrets)(claim),
    close: () => Promise.resolve(),
  })

/** Calls with the fetch of Deno, as at the edge. */
export async function callInDeno(): Promise<Caller> {
  const flags = ['--quiet', '--config', `${root}deno.json`, '--no-lock', '--no-prompt']
  const allowed = ['--allow-net', '--allow-env', '--allow-read', '--allow-sys']
  const child = spawn(denoProgram(), ['run', ...flags, ...allowed, `${root}test/faults/support/caller_program.ts`], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data')
  return {
    call: async (order) =>
      await (await fetch(`http://127.0.0.1:${Number(port)}/`, { method: 'POST', body: JSON.stringify(order) })).json(),
    async close() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
