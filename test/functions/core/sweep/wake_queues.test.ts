import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'

describe('wake_queues', () => {
  test('wakes a queue without a heartbeat, and passes one by that cannot be looked at', async ({ ownDatabase }) => {
    const owner = houseOf(await ownDatabase.connect('owner'))
    const house = houseOf(await ownDatabase.connect())
    const [well, bad] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]
    for (const queue of [well, bad]) await house.plannedJob(queue, '8 seconds')
    await house.db.query('delete from supaqueue.heartbeat where queue = $1', [well])
    await owner.db.query(`
      create or replace function supaqueue_internal.needs_run(queue supaqueue.queue) returns boolean language plpgsql as $$
      begin
        if (queue).id = '${bad}' then raise exception 'timestamp out of range' using errcode = '22008'; end if;
        return (queue).id = '${well}';
      end $$`)

    const { rows } = await house.db.query('select supaqueue_internal.wake_queues() as woken')

    expect(rows).toEqual([{ woken: 1 }])
    expect(await house.wakeUps(well)).toBe(1)
    const troubles = await house.db.query('select kind, queue, code from supaqueue.trouble')
    expect(troubles.rows).toEqual([{ kind: 'wake', queue: bad, code: '22008' }])
  })

  test('wakes a run for a current job that the owner inserted by hand', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect('owner'))
    const queue = await house.queue()
    const job = await house.job(queue, { status: 'held' })
    const { rows: [{ id: worker }] } = await house.db.query(
      'insert into supaqueue.worker (queue, locked) values ($1, true) returning id',
      [queue],
    )
    await house.transaction(async () => {
      await house.db.query(`select set_config('supaqueue.walking', '0', true)`)
      await house.db.query(`update supaqueue.job set status = 'in_progress' where id = $1`, [job])
    })
    await house.db.query('insert into supaqueue.current_job (queue, worker, job) values ($1, $2, $3)', [
      queue,
      worker,
      job,
    ])

    const before = await house.wakeUps(queue)

    await house.db.query('select supaqueue.sweep()')

    expect([before, await house.wakeUps(queue)]).toEqual([0, 1])
    expect(await house.inProgress(queue)).toEqual([job])
  })

  // So a lost wake-up is made good within the period of the sweep and a second, however many are lost in a row.
  test('wakes anew each time that a wake-up is a second old and no run has come', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect('owner'))
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    const wakeUps = [await house.wakeUps(queue)]

    for (let lost = 0; lost < 3; lost++) {
      await house.db.query(
        `update supaqueue.heartbeat set woken_at = woken_at - interval '1 second' where queue = $1`,
        [
          queue,
        ],
      )
      await house.db.query('select supaqueue.sweep()')
      wakeUps.push(await house.wakeUps(queue))
    }

    expect(wakeUps).toEqual([1, 2, 3, 4])
    // Once one comes, the job is there for it, and no attempt is used.
    const { jobs } = await house.turn(crypto.randomUUID(), queue, { room: 1 })
    expect(jobs.map((entry) => [entry.job.id, entry.job.attempts])).toEqual([[job, 1]])
  })
})
