import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'

const longAgo = new Date(0)

describe('a job that is inserted', () => {
  test('with a null status is held', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    const job = await harness.job(queue, { status: null })

    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('as in progress is refused, also in a transaction that paired', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    const refused = { code: 'SQ409', hint: expect.stringContaining('Write the status pending') }

    expect(await refusal(harness.job(queue, { status: 'in_progress' }))).toMatchObject(refused)
    const work = harness.transaction(async () => {
      await harness.job(queue)
      expect(await harness.processJobs(queue)).toBe(1)
      await harness.job(queue, { status: 'in_progress' })
    })
    expect(await refusal(work)).toMatchObject(refused)
  })

  test.for(['success', 'failed', 'cancelled'])(
    'as %s has finished, now or when it says',
    async (status, { harness }) => {
      const queue = await harness.queue()

      const now = await harness.job(queue, { status })
      const { rows: [then] } = await harness.db.query(
        'insert into supaqueue.job (queue, status, finished_at) values ($1, $2, $3) returning finished_at',
        [queue, status, longAgo],
      )

      expect(Date.now() - (await harness.jobRow(now)).finished_at.getTime()).toBeLessThan(60_000)
      expect(then.finished_at).toEqual(longAgo)
    },
  )

  test.for(['pending', 'held', null])('as %s has not finished, whatever it says', async (status, { harness }) => {
    const queue = await harness.queue()

    const { rows: [job] } = await harness.db.query(
      'insert into supaqueue.job (queue, status, finished_at) values ($1, $2, $3) returning finished_at',
      [queue, status, longAgo],
    )

    expect(job.finished_at).toBe(null)
  })

  test.for(
    [
      ['a dedupe_key', { dedupe_key: 'k'.repeat(1001) }],
      ['a concurrency_key', { concurrency_key: 'k'.repeat(1001) }],
      ['a url', { url: 'https://elsewhere.example.com/' }],
      ['a method', { method: 'TRACE' }],
      ['headers', { headers: JSON.stringify({ 'x-key': 'vault:theirs' }) }],
      ['a query', { query: '[]' }],
      ['timeout_ms', { timeout_ms: 0 }],
      ['max_attempts', { max_attempts: 0 }],
      ['retry_base_ms', { retry_base_ms: -1 }],
      ['retry_max_ms', { retry_max_ms: -1 }],
    ] as const,
  )('with %s that cannot be is refused', async ([, column], { harness }) => {
    const queue = await harness.queue()
    const [name, value] = Object.entries(column)[0]!

    const insert = harness.db.query(`insert into supaqueue.job (queue, ${name}) values ($1, $2)`, [queue, value])

    expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
  })

  test.for(
    [
      ['a number that no double holds', '{"n": 1e309}'],
      ['one that is below all of them', '[-1e309]'],
      ['one with more decimal places than a double has', '{"n": 0e-342}'],
      ['nesting without end', '['.repeat(502) + ']'.repeat(502)],
    ] as const,
  )('whose payload is short and has %s is refused', async ([, payload], { harness }) => {
    const queue = await harness.queue()

    const insert = harness.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [queue, payload])

    expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
  })

  test('whose payload has the largest number of a double and its smallest is taken', async ({ harness }) => {
    const queue = await harness.queue()

    for (const payload of ['{"n": 1.7e308}', '{"n": 5e-324}']) {
      await harness.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [queue, payload])
    }
  })

  test('whose payload comes compressed, and would take 131 MB as text, is refused for what it is', async ({ another }) => {
    const owner = await another('owner')
    const queue = await owner.queue()
    await owner.begin()
    await owner.db.query(`
      create temporary table bombs on commit drop as
      select jsonb_agg(1e131071 order by i) as payload from generate_series(1, 1000) as i`)
    const { rows: [{ bytes }] } = await owner.db.query('select pg_column_size(payload) as bytes from bombs')

    const insert = owner.db.query('insert into supaqueue.job (queue, payload) select $1, payload from bombs', [queue])

    expect(bytes).toBeLessThan(400)
    expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
    await owner.rollback()
  })
})
