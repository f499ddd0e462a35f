import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const insert = `insert into supaqueue.job (queue, dedupe_key, status) values ($1, $2, $3) returning id, dedupe_pruned`

describe('the dedupe_key of a plain insert', () => {
  test('is taken until its job has ended, in its queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const { rows: [job] } = await harness.db.query(insert, [queue, 'k', 'pending'])

    expect(await refusal(harness.db.query(insert, [queue, 'k', 'held']))).toMatchObject({
      code: '23505',
      constraint: 'job_dedupe_key_is_taken',
    })
    await harness.db.query(insert, [other, 'k', 'pending'])
    await harness.update('job', job.id, { status: 'failed' })
    await harness.db.query(insert, [queue, 'k', 'pending'])
  })

  test('is taken until its job is pruned, where the queue says so', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { dedupe_until: 'pruned' })
    const { rows: [job] } = await harness.db.query(insert, [queue, 'k', 'pending'])
    await harness.update('job', job.id, { status: 'success' })

    expect(await refusal(harness.db.query(insert, [queue, 'k', 'pending']))).toMatchObject({
      code: '23505',
      constraint: 'job_dedupe_key_is_taken_until_pruned',
    })
    await harness.delete('job', job.id)
    await harness.db.query(insert, [queue, 'k', 'pending'])
  })

  test('of a job that moves is taken for as long as the new queue says', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await harness.update('queue', other, { dedupe_until: 'pruned' })
    const { rows: [job] } = await harness.db.query(insert, [queue, 'k', 'pending'])

    await harness.update('job', job.id, { queue: other })

    expect((await harness.jobRow(job.id)).dedupe_pruned).toBe(true)
  })

  test('that is given later counts, too', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { dedupe_until: 'pruned' })
    const job = await harness.job(queue)

    await harness.update('job', job, { dedupe_key: 'k' })

    expect((await harness.jobRow(job)).dedupe_pruned).toBe(true)
  })

  test('has at most 1000 bytes', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(insert, [queue, 'é'.repeat(500), 'pending'])

    expect(await refusal(harness.db.query(insert, [queue, 'é'.repeat(500) + 'a', 'pending']))).toMatchObject({
      code: 'SQ422',
      message: 'a dedupe_key has at most 1000 bytes, not 1001',
      hint: expect.stringContaining('sha256'),
    })
  })

  test('may be given by a role that can insert jobs and nothing else', async ({ harness, another }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { dedupe_until: 'pruned' })
    const role = `app_${randomUUID().replaceAll('-', '')}`
    const app = await another('admin')
    await app.db.query(`
      begin;
      create role ${role};
      create policy app on supaqueue.job for insert to ${role} with check (true);
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      set local role ${role}`)

    await app.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, 'k')`, [queue])

    await app.db.query('reset role')
    const { rows } = await app.db.query('select dedupe_pruned from supaqueue.job where queue = $1', [queue])
    expect(rows).toEqual([{ dedupe_pruned: true }])
    await app.rollback()
  })
})

describe('the concurrency_key of a plain insert', () => {
  test('has at most 1000 bytes, also when it is given later', async ({ harness }) => {
    const queue = await harness.queue()
    const [fits, tooLong] = ['é'.repeat(500), 'é'.repeat(500) + 'a']
    const job = await harness.job(queue, { concurrency_key: fits })
    const refused = {
      code: 'SQ422',
      message: 'a concurrency_key has at most 1000 bytes, not 1001',
      hint: expect.stringContaining('sha256'),
    }

    expect(await refusal(harness.job(queue, { concurrency_key: tooLong }))).toMatchObject(refused)
    expect(await refusal(harness.update('job', job, { concurrency_key: tooLong }))).toMatchObject(refused)
  })

  test('leaves alone how long a dedupe_key is taken', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { dedupe_until: 'pruned' })

    const job = await harness.job(queue, { concurrency_key: 'tenant' })

    expect(await harness.jobRow(job)).toMatchObject({ dedupe_key: null, dedupe_pruned: false })
  })
})

test('check_keys says of a queue that is gone that no key stays taken', async ({ another }) => {
  const { db } = await another('admin')

  const { rows } = await db.query(
    'select (supaqueue_internal.check_keys(jsonb_populate_record(null::supaqueue.job, $1))).dedupe_pruned',
    [{ queue: randomUUID(), dedupe_key: 'k' }],
  )

  expect(rows).toEqual([{ dedupe_pruned: false }])
})
