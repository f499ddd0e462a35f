import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

/** A sleeping queue with a due job and an open circuit. */
async function openQueue(harness: Harness) {
  const queue = await harness.queue({ workers: 1, edge_function_name: `fn-${randomUUID()}` })
  await harness.openCircuit(queue, '1 minute')
  const job = await harness.job(queue)
  expect(await harness.inProgress(queue)).toEqual([])
  return { queue, job }
}

const write = async (harness: Harness, queue: string, assignment: string): Promise<void> =>
  void await harness.db.query(
    `update supaqueue.circuit set ${assignment}
     where target = (select supaqueue_internal.target_of(queue) from supaqueue.queue where id = $1)`,
    [queue],
  )

describe('a circuit', () => {
  test.for(['open_until = null', `open_until = clock_timestamp() - interval '1 second'`])(
    'that is closed by hand, by %s, wakes its queue at commit',
    async (assignment, { harness }) => {
      const { queue, job } = await openQueue(harness)

      await harness.begin()
      await write(harness, queue, assignment)
      const during = await harness.wakeUps(queue)
      await harness.commit()

      expect([during, await harness.wakeUps(queue)]).toEqual([0, 1])
      expect(await harness.inProgress(queue)).toEqual([job])
    },
  )

  test.for([`open_until = clock_timestamp() + interval '1 hour'`, 'open_until = open_until', `reason = 'other'`])(
    'that stays open, by %s, does not ring',
    async (assignment, { harness, another }) => {
      const { queue } = await openQueue(harness)
      const admin = await another('admin')
      await admin.db.query(`set track_functions = 'all'`)

      await admin.begin()
      await write(admin, queue, assignment)
      await admin.db.query('set constraints all immediate')
      const { rows: [{ calls }] } = await admin.db.query(
        `select coalesce(pg_stat_get_xact_function_calls('supaqueue_internal.on_circuit_closed()'::regprocedure), 0) as calls`,
      )
      await admin.rollback()

      expect(calls).toBe(0)
    },
  )

  test('that is closed by its target wakes nobody besides the run that reported', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.openCircuit(queue, '-1 second')
    await harness.jobs(queue, 2)
    const [probe] = await harness.take(run, queue)

    await harness.turn(run, queue, { reports: [{ token: probe!.current_job.id, outcome: 'success' }], room: 5 })

    expect(await harness.inProgress(queue)).toHaveLength(1)
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('of another target does not ring this queue', async ({ harness }) => {
    const [one, other] = [await openQueue(harness), await openQueue(harness)]

    await write(harness, one.queue, 'open_until = null')

    expect(await harness.inProgress(other.queue)).toEqual([])
    expect(await harness.wakeUps(other.queue)).toBe(0)
  })
})
