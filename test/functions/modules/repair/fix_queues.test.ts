import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const fix = async (harness: Harness): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.fix_queues() as fixed')).rows[0].fixed

describe('fix_queues', () => {
  test('gives a queue that was seeded without triggers its heartbeat and its lock of keys', async ({ harness, another }) => {
    const admin = await another('admin')
    await admin.db.query('set session_replication_role = replica')
    const queue = await admin.queue({ workers: 1 })
    await admin.plannedJob(queue, '8 seconds')

    expect(await fix(harness)).toBe(1)
    expect(await fix(harness)).toBe(0)

    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: false })
    expect((await harness.db.query('select from supaqueue.key_lock where queue = $1', [queue])).rowCount).toBe(1)
    expect((await harness.sweep()).queues_woken).toBeGreaterThan(0)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('takes away what a queue left behind, and names jobs that have none', async ({ harness, another }) => {
    const admin = await another('admin')
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })
    await admin.db.query('set session_replication_role = replica')
    await admin.delete('queue', queue)

    await fix(harness)

    for (const table of ['heartbeat', 'key_lock', 'worker']) {
      expect((await harness.db.query(`select from supaqueue.${table} where queue = $1`, [queue])).rows).toEqual([])
    }
    expect((await harness.jobRow(job)).status).toBe('pending')
    const troubles = async () =>
      (await harness.db.query('select kind, reason from supaqueue.trouble where queue = $1', [queue])).rows
    expect(await troubles()).toMatchObject([{
      kind: 'queues',
      reason: expect.stringMatching(/insert a queue with this id/),
    }])
    await admin.db.query('reset session_replication_role')
    await harness.db.query(
      `insert into supaqueue.queue (id, name, edge_function_name) values ($1::uuid, 'again', 'hello')`,
      [
        queue,
      ],
    )
    await fix(harness)
    expect(await troubles()).toEqual([])
  })

  test('waits for nobody who is deleting a queue', async ({ harness, another }) => {
    const [admin, user] = [await another('admin'), await another()]
    await admin.db.query('set session_replication_role = replica')
    const queue = await admin.queue()
    await user.begin()
    await user.hold('queue', queue)
    await harness.impatient()

    expect(await fix(harness)).toBe(0)

    await user.rollback()
    expect(await fix(harness)).toBe(1)
  })
})
