import { z } from 'zod'
import { handle } from 'supaqueue/edge'

// An example of a job done in slices: each call does a part and hands on where it stopped, so the whole may take longer
// than any call can. Nothing is done twice, but for the slice that a crash interrupts. Your project does not need it.

const Payload = z.object({ rows: z.array(z.object({ amount: z.number() })), at_once: z.int().positive().default(100) })

// What one call hands on to the next. Checked like a payload: a new version of this function may meet an old state.
const State = z.object({ next: z.int().nonnegative(), total: z.number() })

Deno.serve(handle(Payload, async ({ rows, at_once }, job) => {
  // The first call brings no state.
  const { next, total } = job.state ?? { next: 0, total: 0 }
  const slice = rows.slice(next, next + at_once)

  const state = { next: next + slice.length, total: total + slice.reduce((sum, row) => sum + row.amount, 0) }
  if (state.next === rows.length) return { imported: state.next, total: state.total }

  await job.progress(100 * state.next / rows.length, `${state.next} of ${rows.length} rows`)
  return job.continueWith(state)
}, { state: State }))
