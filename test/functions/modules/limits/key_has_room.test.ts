import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

const hasRoom = `select supaqueue_internal.key_has_room(job, 1) as room from supaqueue.job where id = $1`

describe('the key of a job has room', () => {
  test('while no other job with it runs', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, per_key: 1 })
    await harness.turn(run, queue)
    const [first, second, other, none] = [
      await harness.job(queue, { concurrency_key: 'a' }),
      await harness.job(queue, { concurrency_key: 'a' }),
      await harness.job(queue, { concurrency_key: 'b' }),
      await harness.job(queue),
    ]
    const room = async (job: number | string) => (await harness.db.query(hasRoom, [job])).rows[0].room

    expect(await room(first)).toBe(true)
    await harness.take(run, queue, 1)

    expect(await room(second)).toBe(false)
    expect(await room(other)).toBe(true)
    expect(await room(none)).toBe(true)
  })
})
