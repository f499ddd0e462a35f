import type { SupabaseClient } from '@supabase/supabase-js'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  consume,
  defineQueue,
  handle,
  type JobStatus,
  openQueue,
  type PayloadOf,
  type ResultOf,
} from '../../../../../../supabase/functions/_shared/supaqueue/mod.ts'

// Never run: the compiler is what tests it. What must not compile stands behind @ts-expect-error, which is an error
// itself where nothing is wrong.

declare const supabase: SupabaseClient

const mails = defineQueue(
  'mails',
  z.object({ to: z.string(), at: z.iso.datetime().transform((text) => new Date(text)), copies: z.int().default(1) }),
  { result: z.object({ id: z.string().transform(Number) }) },
)
const plain = defineQueue('plain', z.string())

// To the sender: what goes into the schema.
expectTypeOf<PayloadOf<typeof mails>>().toEqualTypeOf<{ to: string; at: string; copies?: number | undefined }>()
expectTypeOf<ResultOf<typeof mails>>().toEqualTypeOf<{ id: number }>()
expectTypeOf<ResultOf<typeof plain>>().toEqualTypeOf<unknown>()

export async function sender() {
  const queue = openQueue(supabase, mails)
  const id = await queue.enqueue({ to: 'ada', at: '2030-01-01T00:00:00Z' }, { after: 1000, dedupeKey: 'ada' })
  expectTypeOf(id).toEqualTypeOf<number>()
  expectTypeOf(await queue.waitFor(id)).toEqualTypeOf<{ id: number }>()
  expectTypeOf(await queue.status(id)).toEqualTypeOf<JobStatus<{ id: number }>>()
  const status = await queue.status(id)
  if (status.status === 'success') expectTypeOf(status.result).toEqualTypeOf<{ id: number }>()
  else expectTypeOf(status.result).toEqualTypeOf<null>()
  queue.onProgress(id, (seen) => expectTypeOf(seen).toEqualTypeOf<JobStatus<{ id: number }>>())
  await queue.enqueueMany([{ payload: { to: 'ada', at: '2030-01-01T00:00:00Z' }, priority: 1 }])

  // @ts-expect-error a field is missing
  await queue.enqueue({ to: 'ada' })
  // @ts-expect-error a field is of another type
  await queue.enqueue({ to: 7, at: '2030-01-01T00:00:00Z' })
  // @ts-expect-error a Date is what comes out of the schema, not what goes in
  await queue.enqueue({ to: 'ada', at: new Date() })
  // @ts-expect-error a time, or a wait, but not both
  await queue.enqueue({ to: 'ada', at: '2030-01-01T00:00:00Z' }, { at: new Date(), after: 1 })
  // @ts-expect-error there is no such option
  await queue.enqueue({ to: 'ada', at: '2030-01-01T00:00:00Z' }, { delay: 1000 })
  // @ts-expect-error one of many does not fit
  await queue.enqueueMany([{ payload: { to: 'ada' } }])
  // @ts-expect-error many have no dependencies
  await queue.enqueueMany([{ payload: { to: 'ada', at: '2030-01-01T00:00:00Z' }, dependsOn: [1] }])
  // @ts-expect-error a job is known by a number
  await queue.waitFor('17')
}

// To the receiver: what comes out of the schema, and back what goes into that of the result.
handle(mails, (payload, job) => {
  expectTypeOf(payload).toEqualTypeOf<{ to: string; at: Date; copies: number }>()
  expectTypeOf(job.state).toEqualTypeOf<unknown>()
  return { id: '17' }
})
handle(mails, async ({ to }) => ({ id: await Promise.resolve(to) }))
handle(mails, (_, job) => Math.random() > 0.5 ? job.kill('never') : { id: '17' })
handle(mails, () => new Response(null, { status: 503 }))
handle(mails, ({ at }, job) => job.state ? { id: '17' } : job.continueWith({ next: at.getTime() }), {
  state: z.object({ next: z.number() }),
})
// @ts-expect-error the result is no object
handle(mails, () => 'done')
// @ts-expect-error the result has a number where a text goes in
handle(mails, async () => await Promise.resolve({ id: 17 }))
// @ts-expect-error the payload has no such field
handle(mails, ({ subject }) => ({ id: subject }))

// A queue without a schema for its results takes any.
handle(plain, (text) => text.length)
handle(plain, () => {})

consume(mails, ({ copies }) => ({ id: copies.toFixed() }), { concurrency: 2 })
// @ts-expect-error the result is no object
consume(mails, () => 17)

// A schema alone, as before.
handle(z.object({ n: z.number() }), ({ n }) => n.toFixed())
consume('plain', z.string(), (text) => text.length)

// A client that was made with types of the database, of the user's own tables alone.
type Database = {
  public: {
    Tables: { invoice: { Row: { id: number }; Insert: { id: number }; Update: { id?: number }; Relationships: [] } }
    Views: Record<never, never>
    Functions: { total: { Args: { id: number }; Returns: number } }
  }
}
declare const typed: SupabaseClient<Database>
openQueue(typed, mails)
// @ts-expect-error not a client of supabase-js
openQueue({ from: () => {} }, mails)
