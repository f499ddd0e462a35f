import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

type Own = NonNullable<Parameters<Harness['job']>[1]>

const byUrl = (harness: Harness) =>
  harness.queue({
    url: 'https://api.example.com:8443/hook',
    allowed_hosts: ['eu.example.com', 'api.example.org:8443'],
  })

describe('what a job has of its own', () => {
  test('is kept as it is, and comes with the turn', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, url: 'https://api.example.com/hook' })
    const own = {
      url: 'https://api.example.com/other?x=1#y',
      method: 'PATCH',
      headers: { 'x-team': 'mail', empty: '' },
      query: { page: 1, deep: { a: [null] } },
      timeout_ms: 400_000,
      max_attempts: 1,
    }
    const job = await harness.job(queue, { payload: { n: 1 }, ...own })

    const [entry] = await harness.take(randomUUID(), queue)

    expect(entry!.job).toEqual({
      id: job,
      payload: '{"n": 1}',
      attempts: 1,
      version: null,
      state: null,
      origin: null,
      ...own,
    })
  })

  test('does not come with the turn when it has nothing', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)

    const [entry] = await harness.take(randomUUID(), queue)

    expect(entry!.job).toEqual({ id: job, payload: '{}', attempts: 1 })
  })

  test.for(
    [
      ['a password in its url', { url: 'https://me:secret@api.example.com/' }, 'url is not an http address'],
      ['another scheme', { url: 'ftp://api.example.com/' }, 'url is not an http address'],
      ['a space in its url', { url: 'https://api.example.com/a b' }, 'url is not an http address'],
      ['no host', { url: 'https:///path' }, 'url is not an http address'],
      ['another host', { url: 'https://evil.example.net/' }, 'must have the host of its queue'],
      ['a host that begins alike', { url: 'https://api.example.com.evil.net/' }, 'must have the host of its queue'],
      ['a host that ends alike', { url: 'https://evil-api.example.com/' }, 'must have the host of its queue'],
      [
        'a host behind a backslash',
        { url: 'https://evil.net\\.api.example.com/' },
        'must have the host of its queue',
      ],
      ['another address', { url: 'https://[::1]/' }, 'must have the host of its queue'],
      ['another port than it may have', { url: 'https://api.example.org/' }, 'must have the host of its queue'],
      ['less encryption', { url: 'http://api.example.com/' }, 'and https where that has it'],
      ['an unknown method', { method: 'TRACE' }, 'method is GET, POST, PUT, PATCH or DELETE'],
      ['a method in small letters', { method: 'post' }, 'method is GET, POST, PUT, PATCH or DELETE'],
      ['no time at all', { timeout_ms: 0 }, 'timeout_ms is 1 to 400000'],
      ['more time than any plan has', { timeout_ms: 400_001 }, 'timeout_ms is 1 to 400000'],
      ['no attempt', { max_attempts: 0 }, 'max_attempts is at least 1'],
      ['a negative wait', { retry_base_ms: -1 }, 'not negative'],
      ['a negative limit', { retry_max_ms: -1 }, 'not negative'],
      ['headers that are a list', { headers: [] }, 'headers is an object of text values'],
      ['headers that are null', { headers: 'null' }, 'headers is an object of text values'],
      ['a header that cannot be sent', { headers: { host: 'x' } }, 'the header "host" in headers cannot be sent'],
      ['a header that is no text', { headers: { n: 1 } }, 'the header "n" in headers cannot be sent'],
      ['a header that names a secret', { headers: { a: 'ok', b: 'vault:stripe' } }, 'cannot name secrets'],
      ['a query that is a list', { query: [] }, 'query is an object'],
      ['a query that is too long', { query: { a: 'x'.repeat(8192) } }, 'at most 8192 bytes'],
    ] as const,
  )('is refused with %s', async ([, own, message], { harness }) => {
    const queue = await byUrl(harness)
    const refused = { code: 'SQ422', message: expect.stringContaining(message), hint: expect.stringMatching(/\S/) }

    expect(await refusal(harness.job(queue, own as Own))).toMatchObject(refused)

    const job = await harness.job(queue)
    const columns = Object.entries(own).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ])
    expect(await refusal(harness.update('job', job, Object.fromEntries(columns)))).toMatchObject(refused)
  })

  test.for([
    'https://api.example.com:8443/other',
    'HTTPS://API.example.com:8443',
    'https://eu.example.com:443/',
    'https://eu.example.com?a',
    'https://api.example.org:8443#b',
  ])(
    'may be the url %s, of a host that the queue allows',
    async (url, { harness }) => {
      const queue = await byUrl(harness)

      const job = await harness.job(queue, { url })

      expect((await harness.jobRow(job)).url).toBe(url)
    },
  )

  test('may be a url without encryption where the queue has none', async ({ harness }) => {
    const queue = await harness.queue({ url: 'http://api.example.com/hook' })

    await harness.job(queue, { url: 'http://api.example.com/other' })
    await harness.job(queue, { url: 'https://api.example.com/other' })
  })

  test('may be a url of the very address of the queue, and of no other', async ({ harness }) => {
    const queue = await harness.queue({ url: 'https://[2001:db8::1]/hook' })

    await harness.job(queue, { url: 'https://[2001:db8::1]:443/' })

    expect(await refusal(harness.job(queue, { url: 'https://[2001:db8::1]:8443/' }))).toMatchObject({ code: 'SQ422' })

    expect(await refusal(harness.job(queue, { url: 'https://[2001:db8::2]/' }))).toMatchObject({ code: 'SQ422' })
  })

  test('is no url where the queue calls a function', async ({ harness }) => {
    const queue = await harness.queue({ allowed_hosts: ['api.example.com'] })

    expect(await refusal(harness.job(queue, { url: 'https://api.example.com/' }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('calls a function'),
    })
  })

  test('may be taken back: null is as the queue has it', async ({ harness }) => {
    const queue = await byUrl(harness)
    const job = await harness.job(queue, { method: 'GET', timeout_ms: 5 })

    await harness.update('job', job, { method: null, timeout_ms: null })

    expect(await harness.jobRow(job)).toMatchObject({ method: null, timeout_ms: null })
  })

  test('must be usable where the job is moved to', async ({ harness }) => {
    const [from, to] = [await byUrl(harness), await harness.queue({ url: 'https://api.example.net/hook' })]
    const job = await harness.job(from, { url: 'https://eu.example.com/' })

    expect(await refusal(harness.update('job', job, { queue: to }))).toMatchObject({ code: 'SQ422' })

    expect((await harness.jobRow(job)).queue).toBe(from)
  })

  test('and is not usable any more, is in nobody’s way who writes something else', async ({ harness }) => {
    const queue = await byUrl(harness)
    const job = await harness.job(queue, { url: 'https://eu.example.com/' })
    await harness.update('queue', queue, { allowed_hosts: [] })

    await harness.update('job', job, { dedupe_key: 'k', url: 'https://eu.example.com/' })

    expect((await harness.jobRow(job)).dedupe_key).toBe('k')
    expect(await refusal(harness.update('job', job, { method: 'GET' }))).toMatchObject({ code: 'SQ422' })
  })

  test('needs no right of whoever enqueues but to insert', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await admin.queue({ url: 'https://api.example.com/hook' })
    // Roles belong to the whole server.
    const enqueuer = `enqueuer_${ownDatabase.name}`
    await admin.db.query(`
      create role ${enqueuer};
      create policy enqueuer on supaqueue.job for insert to ${enqueuer} with check (true);
      grant usage on schema supaqueue to ${enqueuer};
      grant insert on supaqueue.job to ${enqueuer};
      set role ${enqueuer}`)

    await admin.db.query('insert into supaqueue.job (queue, url, headers) values ($1, $2, $3)', [
      queue,
      'https://api.example.com/other',
      '{"x-team": "mail"}',
    ])

    await admin.db.query('reset role')
    const { rows } = await admin.db.query('select headers from supaqueue.job')
    expect(rows).toEqual([{ headers: { 'x-team': 'mail' } }])
  })
})

test('a job that has nothing of its own is not looked at', async ({ another }) => {
  const admin = await another('admin')
  const queue = await admin.queue()
  await admin.db.query(`set track_functions = 'all'`)

  await admin.begin()
  const job = await admin.job(queue)
  await admin.update('job', job, { status: 'held', priority: 3 })
  const { rows: [{ calls }] } = await admin.db.query(
    `select coalesce(pg_stat_get_xact_function_calls('supaqueue_internal.check_changed_job()'::regprocedure), 0) as calls`,
  )
  await admin.rollback()

  expect(calls).toBe(0)
})

test('a job in progress stays in its queue', async ({ harness }) => {
  const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue()]
  const job = await harness.job(queue)

  expect(await refusal(harness.update('job', job, { queue: other }))).toMatchObject({
    code: 'SQ409',
    message: expect.stringContaining(`job ${job} is in progress`),
    hint: expect.stringContaining('held or cancelled first'),
  })

  expect((await harness.jobRow(job)).queue).toBe(queue)
})

test('a job in progress stays in its queue, also when it is taken back by the same statement', async ({ harness }) => {
  const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue()]
  const job = await harness.job(queue)
  const [entry] = [await harness.currentJob(job)]

  expect(await refusal(harness.update('job', job, { queue: other, status: 'pending' }))).toMatchObject({
    code: 'SQ409',
  })

  expect(await harness.currentJob(job)).toEqual(entry)
})

test('a job in progress may be written with the queue it has', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1 })
  const job = await harness.job(queue)
  await harness.take(randomUUID(), queue)

  await harness.update('job', job, { queue })

  expect(await harness.jobRow(job)).toMatchObject({ queue, status: 'in_progress' })
})
