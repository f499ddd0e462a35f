import { describe, expect } from 'vitest'
import { ask } from '../support/ask.ts'
import { bombs } from '../support/bombs.ts'
import { test } from '../support/harness.ts'
import { refusal } from '../support/refusal.ts'

// Plain inserts: test/functions/triggers/on_job_by_others.test.ts. End users: test/functions/public/supaqueue_enqueue.test.ts.
describe.each(bombs)('%s', (_, json) => {
  const refused = { code: 'SQ422', hint: expect.stringContaining('Nothing was changed') }

  test('does not pass by enqueue, in no argument', async ({ harness }) => {
    const queue = await harness.queue()

    for (const argument of ['payload', 'headers']) {
      const work = harness.db.query(`select supaqueue.enqueue($1, ${argument} => $2::jsonb)`, [queue, json])
      expect(await refusal(work)).toMatchObject({ code: 'SQ422' })
    }
  })

  test('does not pass by enqueue_many, in no field', async ({ harness }) => {
    const queue = await harness.queue()

    for (const field of ['payload', 'headers', 'query', 'run_at', 'delay', 'dedupe_key', 'held', 'unknown']) {
      const jobs = `[{"payload": {}}, {"${field}": ${json}}]`
      const reason = await refusal(
        harness.db.query('select * from supaqueue.enqueue_many($1, $2::jsonb)', [queue, jobs]),
      )
      expect(reason).toMatchObject(refused)
      expect(reason.message).toMatch(/^jobs\[1\] /)
    }
  })

  test('does not pass by the HTTP API', async ({ harness }) => {
    const queue = await harness.queue()

    for (
      const [route, body] of [['postJob', `{"queue": "${queue}", "payload": ${json}}`], ['postTasks', json], [
        'postBatch',
        `[${json}]`,
      ]]
    ) {
      expect(await refusal(ask(harness, 'answer_api', { route, body }))).toMatchObject(refused)
    }
  })

  test('does not pass by a function that ends its job, nor by an update', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    await harness.processJobs(queue)
    const { rows: [{ id: token }] } = await harness.db.query('select id from supaqueue.current_job where job = $1', [
      job,
    ])

    for (const [outcome, field] of [['complete', 'result'], ['continue', 'state']]) {
      const work = harness.db.query(`select supaqueue.finish($1, $2, ${field} => $3::jsonb)`, [token, outcome, json])
      expect(await refusal(work)).toMatchObject(refused)
    }
    for (const column of ['payload', 'headers', 'query']) {
      const work = harness.db.query(`update supaqueue.job set ${column} = $2::jsonb where id = $1`, [job, json])
      expect(await refusal(work)).toMatchObject({ code: 'SQ422' })
    }
  })

  test('does not pass by a schedule, nor by the schema of a door', async ({ harness }) => {
    const queue = await harness.queue()
    const schedule = harness.db.query(
      `insert into supaqueue.schedule (name, queue, cron, payload) values (gen_random_uuid(), $1, '@daily', $2::jsonb)`,
      [queue, json],
    )
    expect(await refusal(schedule)).toMatchObject(refused)

    const schema = harness.db.query(`select supaqueue.allow($1, 'anon', schema => $2::jsonb)`, [
      queue,
      `{"const": ${json}}`,
    ])
    expect(await refusal(schema)).toMatchObject({ code: 'SQ422' })
  })
})
