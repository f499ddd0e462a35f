import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Deps, handle, type Job } from '../../../supabase/functions/_shared/supaqueue/mod.ts'
import { callOf } from '../../../supabase/functions/_shared/supaqueue/testing.ts'
import type { Harness, Report } from '../../support/harness.ts'
import type { Moment } from './fulfil.ts'

const secret = 'a secret of this test, long enough'

/** Thrown into nobody's hands: the call has died. */
const DEAD = Symbol('dead')

const OUTCOMES: Record<string, Report['outcome']> = {
  complete: 'success',
  reject: 'failed',
  kill: 'killed',
  park: 'parked',
  later: 'later',
  reschedule: 'rescheduled',
}

/**
 * Calls of a function that has steps, against a real database: the kit as it is, its requests by a connection in place of HTTP, and
 * the dispatcher's part in a few lines. A call may die at any moment: then nothing of it goes on.
 */
export function calls(
  harness: Harness,
  handler: (payload: unknown, job: Job, at: (moment: Moment) => Promise<void>) => unknown,
) {
  const parameters = new Map<string, string[]>()

  async function rpc(name: string, args: Record<string, unknown>): Promise<Response> {
    const names = Object.keys(args).filter((key) => args[key] !== undefined)
    parameters.set(name, names)
    try {
      const { rows } = await harness.db.query(
        `select supaqueue.${name}(${names.map((key, place) => `${key} => $${place + 1}`).join(', ')}) as answer`,
        names.map((key) => key === 'steps' ? JSON.stringify(args[key]) : args[key]),
      )
      return Response.json(rows[0].answer === '' ? null : rows[0].answer)
    } catch (reason) {
      const { code, message, hint } = reason as { code: string; message: string; hint?: string }
      return Response.json({ code, message, hint: hint ?? null }, { status: 400 })
    }
  }

  /** One call of a job that a run was given. Dies at the first moment that `dies` wants. Says how it ended. */
  async function call(
    { queue, job, run, token, attempt, version }: {
      queue: string
      job: number
      run: string
      token: string
      attempt: number
      version?: number | null
    },
    dies: (moment: Moment) => boolean = () => false,
  ): Promise<string> {
    let die: (dead: typeof DEAD) => void = () => {}
    const death = new Promise<typeof DEAD>((resolve) => die = resolve)
    let dead = false
    const at = async (moment: Moment) => {
      if (dead || dies(moment)) {
        dead = true
        die(DEAD)
        await new Promise(() => {})
      }
    }
    const env: Record<string, string> = {
      SUPAQUEUE_SECRET: secret,
      SUPABASE_URL: 'http://project',
      SUPABASE_SECRET_KEY: 'key',
    }
    const deps: Partial<Deps> = {
      env: (name) => env[name],
      log: () => {},
      async fetch(url, init) {
        const name = String(url).split('/').at(-1)!
        await at(`before ${name}`)
        const response = await rpc(name, await new Response(init?.body).json())
        await at(`after ${name}`)
        return response
      },
    }
    const answering = handle(z.unknown(), (payload, job) => handler(payload, job, at), { deps })
    const request = await callOf({}, {
      job,
      attempt,
      maxAttempts: 10_000,
      queue: 'test',
      secret,
      headers: {
        'supaqueue-current-job': token,
        ...(typeof version === 'number' && { 'supaqueue-version': String(version) }),
      },
    })
    const response = await Promise.race([answering(request), death])
    if (response === DEAD) {
      // Its lease runs out, and the sweep takes it back.
      await harness.db.query(
        `update supaqueue.current_job set lease_until = clock_timestamp() - interval '1 second' where id = $1`,
        [token],
      )
      await harness.db.query('select supaqueue_internal.take_back_leases(10)')
      return 'died'
    }
    const answered = response as Response
    const outcome = answered.headers.get('supaqueue-outcome') ?? 'none'
    const body = await answered.json()
    const more = outcome === 'complete' ? { result: body } : { error: body?.message }
    const { stale } = await harness.report(run, queue, [token], OUTCOMES[outcome] ?? 'failed', more)
    return outcome === 'later' && stale.length > 0 ? 'suspended' : outcome
  }

  return {
    /** A queue of one worker, and a job in it. */
    async job(settings: Parameters<Harness['queue']>[0] = {}) {
      const queue = await harness.queue({
        workers: 1,
        max_attempts: 10_000,
        retry_base_ms: 0,
        retry_max_ms: 0,
        ...settings,
      })
      const job = await harness.job(queue)
      return { queue, job }
    },

    /** Gives the job to a run, due or not, and calls its function. */
    async next({ queue, job }: { queue: string; job: number }, dies?: (moment: Moment) => boolean): Promise<string> {
      await harness.db.query(
        `update supaqueue.job set run_at = clock_timestamp() where id = $1 and run_at > clock_timestamp()`,
        [job],
      )
      const run = randomUUID()
      const [claim] = await harness.take(run, queue)
      if (!claim) throw new Error(`job ${job} was not given: it is ${(await harness.jobRow(job)).status}`)
      const { attempts: attempt, version } = claim.job
      return await call({ queue, job, run, token: claim.current_job.id, attempt, version }, dies)
    },
  }
}
