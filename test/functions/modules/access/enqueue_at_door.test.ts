import { describe, expect } from 'vitest'
import { openQueue, signIn } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

// What end users may do is asked as end users: test/functions/modules/access/supaqueue_enqueue.test.ts.
const enqueue = async (harness: Harness, queue: string, user: string | null, given: Record<string, unknown> = {}) =>
  (await harness.db.query(
    `select supaqueue_internal.enqueue_at_door(door, $2, $3, $4, $5) as job from supaqueue.door where queue = $1`,
    [queue, user, given.payload ?? '{}', given.dedupe_key ?? null, given.run_at ?? null],
  )).rows[0].job

describe('enqueue_at_door', () => {
  test('puts a job into the queue of the door, for the user', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const user = await signIn(await another('authenticated'))
    const run_at = new Date(Date.now() + 60_000)
    const id = await enqueue(harness, queue, user, { payload: '{"n": 1}', dedupe_key: 'k', run_at })

    expect(await harness.jobRow(id)).toMatchObject({ queue, payload: { n: 1 }, run_at, owner: user })
    expect(await enqueue(harness, queue, user, { dedupe_key: 'k' })).toBe(id)
  })

  test('takes no key from nobody', async ({ harness }) => {
    const queue = await openQueue(harness, {}, 'anon')

    expect(await refusal(enqueue(harness, queue, null, { dedupe_key: 'k' }))).toMatchObject({ code: 'SQ422' })
    expect(await enqueue(harness, queue, null)).toBe(null)
  })
})
