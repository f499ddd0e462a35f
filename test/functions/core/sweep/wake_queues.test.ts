import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('wake_queues', () => {
  test('wakes a queue without a heartbeat, and passes one by that cannot be looked at', async ({ ownDatabase }) => {
    const owner = harnessOf(await ownDatabase.connect('owner'))
    const harness = harnessOf(await ownDatabase.connect())
    const [well, bad] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    for (const queue of [well, bad]) await harness.plannedJob(queue, '8 seconds')
    await harness.db.query('delete from supaqueue.heartbeat where queue = $1', [well])
    await owner.db.query(`
      create or replace function supaqueue_internal.needs_run(queue supaqueue.queue) returns boolean language plpgsql as $$
      begin
        if (queue).id = '${bad}' then raise exception 'timestamp out of range' using errcode = '22008'; end if;
        return (queue).id = '${well}';
      end $$`)

    const { rows } = await harness.db.query('select supaqueue_internal.wake_queues() as woken')

    expect(rows).toEqual([{ woken: 1 }])
    expect(await harness.wakeUps(well)).toBe(1)
    const troubles = await harness.db.query('select kind, queue, code from supaqueue.trouble')
    expect(troubles.rows).toEqual([{ kind: 'wake', queue: bad, code: '22008' }])
  })

  test('wakes a run for a current job that the owner inserted by hand', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const queue = await harness.queue()
    const job = await harness.job(queue, { status: 'held' })
    const { rows: [{ id: worker }] } = await harness.db.query(
      'insert into supaqueue.worker (queue, locked) values ($1, true) returning id',
      [queue],
    )
    await harness.transaction(async () => {
      await harness.db.query(`select set_config('supaqueue.internal_write', '0', true)`)
      await harness.db.query(`update supaqueue.job set status = 'in_progress' where id = $1`, [job])
    })
    await harness.db.query('insert into supaqueue.current_job (queue, worker, job) values ($1, $2, $3)', [
      queue,
      worker,
      job,
    ])

    const before = await harness.wakeUps(queue)

    await harness.db.query('select supaqueue.sweep()')

    expect([before, await harness.wakeUps(queue)]).toEqual([0, 1])
    expect(await harness.inProgress(queue)).toEqual([job])
  })

  // So a lost wake-up is made good within the period of the sweep and a second, however many are lost in a row.
  test('wakes anew each time that a wake-up is a second old and no run has come', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const wakeUps = [await harness.wakeUps(queue)]

    for (let lost = 0; lost < 3; lost++) {
      await harness.db.query(
        `update supaqueue.heartbeat set woken_at = woken_at - interval '1 second' where queue = $1`,
        [
          queue,
        ],
      )
      await harness.db.query('select supaqueue.sweep()')
      wakeUps.push(await harness.wakeUps(queue))
    }

    expect(wakeUps).toEqual([1, 2, 3, 4])
    // Once one comes, the job is there for it, and no attempt is used.
    const { jobs } = await harness.turn(crypto.randomUUID(), queue, { room: 1 })
    expect(jobs.map((entry) => [entry.job.id, entry.job.attempts])).toEqual([[job, 1]])
  })
})
