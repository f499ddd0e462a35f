import { describe, expect } from 'vitest'
import { openQueue, signIn } from '../../../support/door.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

// What end users may do is asked as end users: test/functions/modules/access/supaqueue_enqueue.test.ts.
const enqueue = async (house: House, queue: string, user: string | null, given: Record<string, unknown> = {}) =>
  (await house.db.query(
    `select supaqueue_internal.enqueue_at_door(door, $2, $3, $4, $5) as job from supaqueue.door where queue = $1`,
    [queue, user, given.payload ?? '{}', given.dedupe_key ?? null, given.run_at ?? null],
  )).rows[0].job

describe('enqueue_at_door', () => {
  test('puts a job into the queue of the door, for the user', async ({ house, another }) => {
    const queue = await openQueue(house)
    const user = await signIn(await another('authenticated'))
    const run_at = new Date(Date.now() + 60_000)
    const id = await enqueue(house, queue, user, { payload: '{"n": 1}', dedupe_key: 'k', run_at })

    expect(await house.jobRow(id)).toMatchObject({ queue, payload: { n: 1 }, run_at, owner: user })
    expect(await enqueue(house, queue, user, { dedupe_key: 'k' })).toBe(id)
  })

  test('takes no key from nobody', async ({ house }) => {
    const queue = await openQueue(house, {}, 'anon')

    expect(await refusal(enqueue(house, queue, null, { dedupe_key: 'k' }))).toMatchObject({ code: 'SQ422' })
    expect(await enqueue(house, queue, null)).toBe(null)
  })
})
