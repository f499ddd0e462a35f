import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const insert = `insert into supaqueue.job (queue, dedupe_key, status) values ($1, $2, $3) returning id, dedupe_pruned`

describe('the dedupe_key of a plain insert', () => {
  test('is taken until its job has ended, in its queue', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    const { rows: [job] } = await house.db.query(insert, [queue, 'k', 'pending'])

    expect(await refusal(house.db.query(insert, [queue, 'k', 'held']))).toMatchObject({
      code: '23505',
      constraint: 'job_dedupe_key_is_taken',
    })
    await house.db.query(insert, [other, 'k', 'pending'])
    await house.update('job', job.id, { status: 'failed' })
    await house.db.query(insert, [queue, 'k', 'pending'])
  })

  test('is taken until its job is pruned, where the queue says so', async ({ house }) => {
    const queue = await house.queue()
    await house.update('queue', queue, { dedupe_until: 'pruned' })
    const { rows: [job] } = await house.db.query(insert, [queue, 'k', 'pending'])
    await house.update('job', job.id, { status: 'success' })

    expect(await refusal(house.db.query(insert, [queue, 'k', 'pending']))).toMatchObject({
      code: '23505',
      constraint: 'job_dedupe_key_is_taken_until_pruned',
    })
    await house.delete('job', job.id)
    await house.db.query(insert, [queue, 'k', 'pending'])
  })

  test('of a job that moves is taken for as long as the new queue says', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    await house.update('queue', other, { dedupe_until: 'pruned' })
    const { rows: [job] } = await house.db.query(insert, [queue, 'k', 'pending'])

    await house.update('job', job.id, { queue: other })

    expect((await house.jobRow(job.id)).dedupe_pruned).toBe(true)
  })

  test('that is given later counts, too', async ({ house }) => {
    const queue = await house.queue()
    await house.update('queue', queue, { dedupe_until: 'pruned' })
    const job = await house.job(queue)

    await house.update('job', job, { dedupe_key: 'k' })

    expect((await house.jobRow(job)).dedupe_pruned).toBe(true)
  })

  test('has at most 1000 bytes', async ({ house }) => {
    const queue = await house.queue()
    await house.db.query(insert, [queue, 'é'.repeat(500), 'pending'])

    expect(await refusal(house.db.query(insert, [queue, 'é'.repeat(500) + 'a', 'pending']))).toMatchObject({
      code: 'SQ422',
      message: 'a dedupe_key has at most 1000 bytes, not 1001',
      hint: expect.stringContaining('sha256'),
    })
  })

  test('may be given by a role that can insert jobs and nothing else', async ({ house, another }) => {
    const queue = await house.queue()
    await house.update('queue', queue, { dedupe_until: 'pruned' })
    const role = `app_${randomUUID().replaceAll('-', '')}`
    const app = await another('admin')
    await app.db.query(`
      begin;
      create role ${role};
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      create policy app on supaqueue.job for insert to ${role} with check (true);
      set local role ${role}`)

    await app.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, 'k')`, [queue])

    await app.db.query('reset role')
    const { rows } = await app.db.query('select dedupe_pruned from supaqueue.job where queue = $1', [queue])
    expect(rows).toEqual([{ dedupe_pruned: true }])
    await app.rollback()
  })
})

describe('the concurrency_key of a plain insert', () => {
  test('has at most 1000 bytes, also when it is given later', async ({ house }) => {
    const queue = await house.queue()
    const [fits, tooLong] = ['é'.repeat(500), 'é'.repeat(500) + 'a']
    const job = await house.job(queue, { concurrency_key: fits })
    const refused = {
      code: 'SQ422',
      message: 'a concurrency_key has at most 1000 bytes, not 1001',
      hint: expect.stringContaining('sha256'),
    }

    expect(await refusal(house.job(queue, { concurrency_key: tooLong }))).toMatchObject(refused)
    expect(await refusal(house.update('job', job, { concurrency_key: tooLong }))).toMatchObject(refused)
  })

  test('leaves alone how long a dedupe_key is taken', async ({ house }) => {
    const queue = await house.queue()
    await house.update('queue', queue, { dedupe_until: 'pruned' })

    const job = await house.job(queue, { concurrency_key: 'tenant' })

    expect(await house.jobRow(job)).toMatchObject({ dedupe_key: null, dedupe_pruned: false })
  })
})

test('keep_keys says of a queue that is gone that no key stays taken', async ({ another }) => {
  const { db } = await another('admin')

  const { rows } = await db.query(
    'select (supaqueue_internal.keep_keys(jsonb_populate_record(null::supaqueue.job, $1))).dedupe_pruned',
    [{ queue: randomUUID(), dedupe_key: 'k' }],
  )

  expect(rows).toEqual([{ dedupe_pruned: false }])
})
