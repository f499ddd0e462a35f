import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('report_safely', () => {
  test('returns what report returns when nothing is in the way', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const [entry] = await harness.take(randomUUID(), queue)
    const { worker } = await harness.currentJob(job)
    const made = randomUUID()

    const { rows: [answer] } = await harness.db.query('select * from supaqueue_internal.report_safely($1)', [
      JSON.stringify([{ token: entry!.current_job.id, outcome: 'success' }, { token: made, outcome: 'success' }]),
    ])

    expect(answer).toMatchObject({ freed: [worker], again: [], stale: [made], ended: ['success'] })
  })

  test('refuses what is no report, as report does', async ({ harness }) => {
    await expect(harness.db.query(`select supaqueue_internal.report_safely('[{"token": "x"}]')`)).rejects.toMatchObject(
      {
        code: 'SQ422',
      },
    )
  })

  test("counts once what a deferred trigger of the user's undid with the others", async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    const queue = await harness.queue({ workers: 2 })
    const refused = await harness.job(queue)
    await harness.job(queue)
    const taken = await harness.take(randomUUID(), queue)
    await owner.query(`
      create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
      create constraint trigger refuse after update on supaqueue.job deferrable initially deferred
        for each row when (new.id = ${refused} and new.status = 'success') execute function public.refuse()`)

    const { rows: [answer] } = await harness.db.query('select * from supaqueue_internal.report_safely($1)', [
      JSON.stringify(taken.map(({ current_job }) => ({ token: current_job.id, outcome: 'success', ms: 5 }))),
    ])

    expect(answer).toMatchObject({ ended: ['success'], call_ms: [5] })
  })
})
