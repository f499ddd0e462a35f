import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

type Taken = { task_id: string; message_ids: number[] }

const batch = (task_type: string, more: Record<string, unknown> = {}) => ({
  item_id: 'order-17',
  task_type,
  max_retries: 3,
  retry_delay: 1000,
  url: 'https://api.example.com/v1/items',
  method: 'POST',
  headers: { 'X-Team': 'mail' },
  payloads: [{ data: { n: 0 } }, { data: { n: 1 } }, { data: [2] }],
  ...more,
})

const take = (harness: Harness, task: object, may_open = true): Promise<Taken> =>
  ask(harness, 'take_task', { task, may_open })

const jobsOf = async (harness: Harness, { message_ids }: Taken) =>
  (await harness.db.query(
    'select * from supaqueue.job where id = any ($1) order by batch_index',
    [message_ids],
  )).rows

describe('take_task', () => {
  test('makes one batch, and a job for each payload, with ids in the order of the payloads', async ({ harness }) => {
    const taken = await take(harness, batch(randomUUID()))

    const jobs = await jobsOf(harness, taken)
    expect(jobs.map(({ id }) => id)).toEqual(taken.message_ids)
    expect(jobs.map(({ payload }) => payload)).toEqual([{ n: 0 }, { n: 1 }, [
      2,
    ]])
    expect(jobs.map((job) => job.batch)).toEqual([
      taken.task_id,
      taken.task_id,
      taken.task_id,
    ])
    const { rows } = await harness.db.query(
      'select label from supaqueue.batch where id = $1',
      [taken.task_id],
    )
    expect(rows).toEqual([{ label: 'order-17' }])
  })

  test('counts retries and milliseconds as the jobs do', async ({ harness }) => {
    const [job] = await jobsOf(
      harness,
      await take(harness, batch(randomUUID(), { timeout: 2500, method: 'PUT' })),
    )

    expect(job).toMatchObject({
      max_attempts: 4,
      retry_base_ms: 1000,
      retry_max_ms: null,
      timeout_ms: 2500,
      method: 'PUT',
      url: 'https://api.example.com/v1/items',
      headers: { 'X-Team': 'mail' },
    })
  })

  test('waits as long as retry_delay says, though the queue would not wait so long', async ({ harness }) => {
    const [job] = await jobsOf(
      harness,
      await take(harness, batch(randomUUID(), { retry_delay: 90_000 })),
    )

    expect(job).toMatchObject({ retry_base_ms: 90_000, retry_max_ms: 90_000 })
  })

  test('leaves to the queue what the task does not say', async ({ harness }) => {
    const task = {
      task_type: randomUUID(),
      url: 'https://api.example.com/',
      payloads: [{ data: 1 }],
    }

    const [job] = await jobsOf(harness, await take(harness, task))

    expect(job).toMatchObject({
      max_attempts: null,
      retry_base_ms: null,
      timeout_ms: null,
      method: null,
      headers: null,
    })
  })

  test('lets the api_override of a payload win, header by header and in whatever case', async ({ harness }) => {
    const override = {
      url: 'https://other.example.com/x',
      headers: { 'x-team': 'sales', 'x-more': 'yes' },
    }
    const taken = await take(
      harness,
      batch(randomUUID(), {
        payloads: [{ data: 1 }, { data: 2, api_override: override }],
      }),
    )

    const jobs = await jobsOf(harness, taken)
    expect(jobs.map(({ url, headers }) => [url, headers])).toEqual([
      ['https://api.example.com/v1/items', { 'X-Team': 'mail' }],
      ['https://other.example.com/x', { 'x-team': 'sales', 'x-more': 'yes' }],
    ])
  })

  test('plans the payloads at even distances when the task has a max_rps', async ({ harness }) => {
    const jobs = await jobsOf(
      harness,
      await take(harness, batch(randomUUID(), { max_rps: 0.5 })),
    )

    const [first, second, third] = jobs.map(({ run_at }) => run_at.getTime())
    expect([second - first, third - second]).toEqual([2000, 2000])
  })

  test('keeps every digit of a payload', async ({ harness }) => {
    const task = JSON.stringify(batch(randomUUID(), { payloads: [] }))
      .replace(
        '"payloads":[]',
        '"payloads":[{"data":12345678901234567890.123}]',
      )
    await harness.db.query('select supaqueue_internal.take_task($1, true)', [task])

    const { rows } = await harness.db.query(
      'select payload::text from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = $1',
      [JSON.parse(task).task_type],
    )
    expect(rows).toEqual([{ payload: '12345678901234567890.123' }])
  })

  test('enqueues nothing when one payload may not be sent', async ({ harness }) => {
    const name = randomUUID()
    await take(harness, batch(name))
    const bad = batch(name, {
      payloads: [{ data: 1 }, {
        data: 2,
        api_override: { headers: { Host: 'x' } },
      }],
    })

    expect((await refusal(take(harness, bad))).code).toBe('SQ422')
    const { rows } = await harness.db.query(
      'select count(*) as jobs from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = $1',
      [name],
    )
    expect(rows).toEqual([{ jobs: 3 }])
  })

  test('goes to the function of a queue that calls one, when no url is given', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })

    const taken = await take(harness, {
      task_type: name,
      payloads: [{ data: { n: 1 } }],
    }, false)

    expect(await jobsOf(harness, taken)).toMatchObject([{
      url: null,
      payload: { n: 1 },
    }])
  })
})
