import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const bodyFor = (task_type: string) =>
  JSON.stringify({
    task_type,
    url: 'https://api.example.com/',
    payloads: [{ data: 1 }],
  })

const post = (harness: Harness, body: string, more: Record<string, string> = {}) =>
  ask(harness, 'answer_api', {
    route: 'postTasks',
    parameters: { may_open: true },
    body,
    ...more,
  })

const jobs = async (harness: Harness, queue: string): Promise<number> =>
  (await harness.db.query(
    'select count(*) as jobs from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = $1',
    [queue],
  )).rows[0].jobs

describe('answer_api', () => {
  test('answers with the text of a JSON document, with times in UTC', async ({ harness }) => {
    await harness.db.query(`set timezone = 'Asia/Tokyo'`)
    const name = randomUUID()
    await harness.queue({ name })

    const { body } = await ask(harness, 'answer_api', {
      route: 'getTaskType',
      parameters: { task_type: name },
    })

    expect(JSON.parse(body).created_at).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/,
    )
  })

  test('does a request with an Idempotency-Key once, and answers it the same again', async ({ harness }) => {
    const [name, idempotency_key] = [randomUUID(), randomUUID()]
    const request = { idempotency_key, request_hash: 'a' }

    const first = await post(harness, bodyFor(name), request)
    const second = await post(harness, bodyFor(name), request)

    expect(first.replayed).toBe(false)
    expect(second).toEqual({ body: first.body, replayed: true })
    expect(await jobs(harness, name)).toBe(1)
  })

  test('refuses the same key for another request, and knows the keys of each caller apart', async ({ harness }) => {
    const [name, idempotency_key] = [randomUUID(), randomUUID()]
    await post(harness, bodyFor(name), { idempotency_key, request_hash: 'a' })

    expect(
      (await refusal(
        post(harness, bodyFor(name), { idempotency_key, request_hash: 'b' }),
      )).code,
    ).toBe('SQ422')
    await post(harness, bodyFor(name), {
      idempotency_key,
      request_hash: 'b',
      caller: 'somebody else',
    })
    expect(await jobs(harness, name)).toBe(2)
  })

  test('keeps no answer of what failed: the same request may succeed later', async ({ harness }) => {
    const [name, idempotency_key] = [randomUUID(), randomUUID()]
    const request = { idempotency_key, request_hash: 'a', parameters: '{}' }
    expect((await refusal(post(harness, bodyFor(name), request))).code).toBe(
      'SQ404',
    )

    await harness.queue({ name, url: 'https://api.example.com/' })

    expect((await post(harness, bodyFor(name), request)).replayed).toBe(false)
  })

  test('refuses at once what comes while the same request is under way', async ({ harness, another }) => {
    const [name, idempotency_key] = [randomUUID(), randomUUID()]
    const other = await another()
    await other.db.query('begin')
    await post(other, bodyFor(name), { idempotency_key, request_hash: 'a' })

    expect(
      (await refusal(
        post(harness, bodyFor(name), { idempotency_key, request_hash: 'a' }),
      )).code,
    ).toBe('SQ409')

    await other.db.query('commit')
    expect(
      (await post(harness, bodyFor(name), { idempotency_key, request_hash: 'a' }))
        .replayed,
    ).toBe(true)
    expect(await jobs(harness, name)).toBe(1)
  })

  test.for([
    ['a NUL', '{"task_type":"a\\u0000b"}'],
    ['half of a surrogate pair', '{"task_type":"\\ud800"}'],
    ['a number beyond all bounds', '{"n":1e999999}'],
    ['no JSON', '{'],
    ['nesting without end', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('refuses %s as what cannot be stored', async ([, body], { harness }) => {
    expect((await refusal(post(harness, body!))).code).toBe('SQ422')
  })

  test('refuses a route that it does not know', async ({ harness }) => {
    expect((await refusal(ask(harness, 'answer_api', { route: 'nowhere' }))).code)
      .toBe('SQ404')
  })
})
