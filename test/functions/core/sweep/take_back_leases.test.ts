import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const takeBack = 'select supaqueue_internal.take_back_leases() as lost'

describe('take_back_leases', () => {
  test('says of a call that was marked complete what was marked, though its trigger never fired', async ({ harness, another }) => {
    const admin = await another('admin')
    const queue = await harness.queue({ workers: 2, max_attempts: 1 })
    const [well, ill] = await harness.jobs(queue, 2)
    await harness.take(randomUUID(), queue)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(
      'update supaqueue.current_job set is_complete = true, is_successful = job = $1 where queue = $2',
      [
        well,
        queue,
      ],
    )
    await harness.age('current_job', queue)

    expect((await harness.db.query(takeBack)).rows).toEqual([{ lost: 2 }])

    expect((await harness.jobRow(well!)).status).toBe('success')
    expect((await harness.jobRow(ill!)).status).toBe('failed')
    expect(await harness.freeWorkers(queue)).toBe(2)
  })
})
