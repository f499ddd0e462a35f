import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const look = async (
  harness: Harness,
  queue: string,
  calls = 10,
  at = '0 seconds',
  locking = false,
): Promise<number[][]> => {
  const { rows } = await harness.db.query(
    `select array_agg(due.job order by due.place) as jobs
     from supaqueue.queue
     cross join lateral supaqueue_internal.due_calls(queue, clock_timestamp() + $3::interval, $2, 1000, $4) as due
     where queue.id = $1
     group by due.call order by due.call`,
    [queue, calls, at, locking],
  )
  return rows.map(({ jobs }) => jobs.map(Number))
}

describe('due_calls', () => {
  test('fills calls in the order in which jobs come next', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 2 })
    const [first, second, third] = await harness.jobs(queue, 3)
    const urgent = await harness.job(queue, { priority: 9 })

    expect(await look(harness, queue)).toEqual([[urgent, first], [second, third]])
    expect(await look(harness, queue, 1)).toEqual([[urgent, first]])
  })

  test('brings together only what goes to the same place in the same way', async ({ harness }) => {
    const queue = await harness.queue({
      batch_size: 3,
      url: 'https://api.example.com/bulk',
      allowed_hosts: ['eu.example.com'],
    })
    const usual = await harness.job(queue)
    const headed = await harness.job(queue, { headers: { 'x-tenant': 'a' } })
    const elsewhere = await harness.job(queue, { url: 'https://eu.example.com/bulk' })
    const headedToo = await harness.job(queue, { headers: { 'x-tenant': 'a' } })
    const usualToo = await harness.job(queue)

    expect(await look(harness, queue)).toEqual([[usual, usualToo], [headed, headedToo], [elsewhere]])
  })

  test('with batch_by brings together only jobs of one key, also from far behind', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 2, batch_by: 'key' })
    const a = await harness.job(queue, { concurrency_key: 'a' })
    const b = await harness.job(queue, { concurrency_key: 'b' })
    const none = await harness.job(queue)
    for (let n = 0; n < 30; n++) await harness.job(queue, { concurrency_key: `c${n}` })
    const last = await harness.job(queue, { concurrency_key: 'a' })

    expect(await look(harness, queue, 1)).toEqual([[a, last]])
    expect(await look(harness, queue, 2)).toEqual([[a, last], [b]])
    expect((await look(harness, queue, 3))[2]).toEqual([none])
  })

  test('waits for a batch to fill, as long as the queue says', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 2, batch_wait_ms: 60_000 })
    const first = await harness.job(queue)
    expect(await look(harness, queue)).toEqual([])
    expect(await look(harness, queue, 10, '61 seconds')).toEqual([[first]])

    const second = await harness.job(queue)
    expect(await look(harness, queue)).toEqual([[first, second]])
  })

  test('counts the wait from when the first of it was due', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 9, batch_wait_ms: 60_000 })
    const first = await harness.job(queue, { due: '-61 seconds' })
    const second = await harness.job(queue)

    expect(await look(harness, queue)).toEqual([[first, second]])
  })

  test('calls jobs of a call that died only with others of the same limit', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 9 })
    const jobs = await harness.jobs(queue, 6)
    const fresh = await harness.job(queue)
    await harness.db.query('update supaqueue.job set batch_limit = 3 where id = any ($1)', [jobs])

    expect(await look(harness, queue)).toEqual([jobs.slice(0, 3), jobs.slice(3), [fresh]])
  })

  test('locks what it finds, and passes over what others hold', async ({ harness, another }) => {
    const queue = await harness.queue({ batch_size: 2 })
    const jobs = await harness.jobs(queue, 4)
    const other = await another()
    await other.begin()
    await other.hold('job', jobs[1]!)

    await harness.begin()
    await harness.impatient()
    expect(await look(harness, queue, 1, '0 seconds', true)).toEqual([[jobs[0], jobs[2]]])
    await harness.rollback()
    await other.rollback()
  })

  test('brings no more jobs than the limits of the queue allow', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 2 })
    await harness.jobs(queue, 4)
    const { rows } = await harness.db.query(
      `select due.call from supaqueue.queue
       cross join lateral supaqueue_internal.due_calls(queue, clock_timestamp(), 10, 3) as due where queue.id = $1`,
      [queue],
    )
    expect(rows.map(({ call }) => call)).toEqual([1, 1, 2])
  })

  test('reads hardly a page more with 20,000 jobs that wait behind', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 5 })
    await harness.turn(randomUUID(), queue)
    await harness.jobs(queue, 20)
    const sql = `select from supaqueue.queue
      cross join lateral supaqueue_internal.due_calls(queue, clock_timestamp(), 2, 1000) as due where queue.id = $1`
    await harness.pagesRead(sql, [queue])
    const few = await harness.pagesRead(sql, [queue])
    await harness.jobs(queue, 20_000)

    expect(await harness.pagesRead(sql, [queue])).toBeLessThan(few + 30)
  })
})
