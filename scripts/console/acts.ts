import { z } from 'zod'
import { HintedError } from '../hinted_error.ts'
import type { Source } from './source.ts'

/** Changes something, as the body says; returns what came of it. */
export type Act = (body: unknown) => Promise<unknown>

const queue = z.string().min(1)

/** What can be done, by its path below /api/. */
export function makeActs(source: Source): Record<string, Act> {
  const one = async (sql: string, values: unknown[]) => (await source.act(sql, values))[0]

  return {
    'pause': act(
      z.object({ queue, reason: z.string().nullish(), minutes: z.number().positive().nullish() }),
      ({ queue, reason, minutes }) =>
        one(
          `select supaqueue.pause($1, clock_timestamp() + $2::float8 * interval '1 minute', nullif($3, ''))`,
          [queue, minutes ?? null, reason ?? ''],
        ),
    ),
    'resume': act(z.object({ queue }), ({ queue }) => one('select supaqueue.resume($1) as changed', [queue])),
    'set-concurrency': act(
      z.object({ queue, calls: z.int().min(0).max(10_000) }),
      ({ queue, calls }) => one('select supaqueue.set_concurrency($1, $2) as changed', [queue, calls]),
    ),
    'set-max-rps': act(
      z.object({ queue, max_rps: z.number().positive().nullable() }),
      ({ queue, max_rps }) => one('select supaqueue.set_max_rps($1, $2)', [queue, max_rps]),
    ),
  }
}

function act<Body>(shape: z.ZodType<Body>, work: (body: Body) => Promise<unknown>): Act {
  return async (body) => {
    const read = shape.safeParse(body)
    if (!read.success) throw new HintedError('SQ422', z.prettifyError(read.error), 'Nothing was changed.')
    return await work(read.data) ?? {}
  }
}
