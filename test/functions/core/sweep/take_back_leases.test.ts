import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

const takeBack = 'select supaqueue_internal.take_back_leases() as lost'

describe('take_back_leases', () => {
  test('says of a call that was marked complete what was marked, though its trigger never fired', async ({ house, another }) => {
    const admin = await another('admin')
    const queue = await house.queue({ workers: 2, max_attempts: 1 })
    const [well, ill] = await house.jobs(queue, 2)
    await house.take(randomUUID(), queue)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(
      'update supaqueue.current_job set is_complete = true, is_successful = job = $1 where queue = $2',
      [
        well,
        queue,
      ],
    )
    await house.age('current_job', queue)

    expect((await house.db.query(takeBack)).rows).toEqual([{ lost: 2 }])

    expect((await house.jobRow(well!)).status).toBe('success')
    expect((await house.jobRow(ill!)).status).toBe('failed')
    expect(await house.freeWorkers(queue)).toBe(2)
  })
})
