import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

/** A sleeping queue with a due job and an open circuit. */
async function openQueue(house: House) {
  const queue = await house.queue({ workers: 1, edge_function_name: `fn-${randomUUID()}` })
  await house.openCircuit(queue, '1 minute')
  const job = await house.job(queue)
  expect(await house.inProgress(queue)).toEqual([])
  return { queue, job }
}

const write = async (house: House, queue: string, assignment: string): Promise<void> =>
  void await house.db.query(
    `update supaqueue.circuit set ${assignment}
     where target = (select supaqueue_internal.target_of(queue) from supaqueue.queue where id = $1)`,
    [queue],
  )

describe('a circuit', () => {
  test.for(['open_until = null', `open_until = clock_timestamp() - interval '1 second'`])(
    'that is closed by hand, by %s, wakes its queue at commit',
    async (assignment, { house }) => {
      const { queue, job } = await openQueue(house)

      await house.begin()
      await write(house, queue, assignment)
      const during = await house.wakeUps(queue)
      await house.commit()

      expect([during, await house.wakeUps(queue)]).toEqual([0, 1])
      expect(await house.inProgress(queue)).toEqual([job])
    },
  )

  test.for([`open_until = clock_timestamp() + interval '1 hour'`, 'open_until = open_until', `reason = 'other'`])(
    'that stays open, by %s, does not ring',
    async (assignment, { house, another }) => {
      const { queue } = await openQueue(house)
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

  test('that is closed by its target wakes nobody besides the run that reported', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    const run = randomUUID()
    await house.turn(run, queue)
    await house.openCircuit(queue, '-1 second')
    await house.jobs(queue, 2)
    const [probe] = await house.take(run, queue)

    await house.turn(run, queue, { reports: [{ token: probe!.current_job.id, outcome: 'success' }], room: 5 })

    expect(await house.inProgress(queue)).toHaveLength(1)
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('of another target does not ring this queue', async ({ house }) => {
    const [one, other] = [await openQueue(house), await openQueue(house)]

    await write(house, one.queue, 'open_until = null')

    expect(await house.inProgress(other.queue)).toEqual([])
    expect(await house.wakeUps(other.queue)).toBe(0)
  })
})
