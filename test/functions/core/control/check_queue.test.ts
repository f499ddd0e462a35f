import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { harness as harnessOf, test } from '../../../support/harness.ts'

const nameOf = 'select name from supaqueue.queue where id = $1'

describe('the name of a queue', () => {
  test('is that of its function when it is left out or empty', async ({ harness }) => {
    const { rows: [leftOut] } = await harness.db.query(
      `insert into supaqueue.queue (edge_function_name) values ('send-mail') returning name`,
    )
    const empty = await harness.queue({ name: '', edge_function_name: 'send_push' })

    expect(leftOut.name).toBe('send-mail')
    expect((await harness.db.query(nameOf, [empty])).rows[0].name).toBe('send_push')
  })

  test('is the host of its URL when it calls one', async ({ harness }) => {
    const queue = await harness.queue({ name: '', url: 'HTTPS://API.example.com:8443/hook?x=1' })

    expect((await harness.db.query(nameOf, [queue])).rows[0].name).toBe('api.example.com:8443')
  })

  test('that is taken is refused', async ({ harness }) => {
    await harness.queue({ name: 'taken' })
    const refused = { code: '23505', constraint: 'queue_name_is_unique' }

    expect(await refusal(harness.queue({ name: 'taken' }))).toMatchObject(refused)
    expect(await refusal(harness.queue({ name: '', edge_function_name: 'taken' }))).toMatchObject(refused)
    const other = await harness.queue()
    expect(await refusal(harness.update('queue', other, { name: 'taken' }))).toMatchObject(refused)
  })

  test('that is taken is passed over where the insert says so', async ({ harness }) => {
    const seed = `insert into supaqueue.queue (name, edge_function_name) values ('seeded', 'hello')
                  on conflict (name) do nothing`
    await harness.db.query(seed)

    expect((await harness.db.query(seed)).rowCount).toBe(0)
  })

  test('may be written again as it is', async ({ harness }) => {
    const queue = await harness.queue({ name: 'same' })

    await harness.update('queue', queue, { name: 'same', max_attempts: 5 })

    expect((await harness.db.query(nameOf, [queue])).rows[0].name).toBe('same')
  })
})

describe('the id of a queue', () => {
  const renamed = '0ddba11d-0000-4000-8000-000000000000'

  test('takes its workers, jobs and heartbeat along when it changes', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { status: 'held' })

    await harness.update('queue', queue, { id: renamed })
    await harness.update('job', job, { status: 'pending' })

    expect(await harness.inProgress(renamed)).toEqual([job])
    expect((await harness.heartbeat(renamed)).awake).toBe(true)
  })

  test('does not change while a job is in progress', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)

    expect(await refusal(harness.update('queue', queue, { id: renamed.replace('0', '1') }))).toMatchObject({
      code: 'SQ409',
    })
  })
})

test('a name of 201 characters would be too long to be sent and is refused, and not one less', async ({ harness }) => {
  const refused = { code: 'SQ422', message: expect.stringContaining('at most'), hint: expect.stringMatching(/\S/) }

  const queue = await harness.queue({ name: 'ü'.repeat(200) })

  expect(await refusal(harness.queue({ name: 'ü'.repeat(201) }))).toMatchObject(refused)
  expect(await refusal(harness.update('queue', queue, { name: 'ü'.repeat(201) }))).toMatchObject(refused)
})

test('a queue may be created by whoever may insert one, and needs no other right', async ({ ownDatabase }) => {
  const admin = harnessOf(await ownDatabase.connect('admin'))
  // Roles belong to the whole server.
  const maker = `maker_${ownDatabase.name}`
  await admin.db.query(`
    create role ${maker};
    create policy maker on supaqueue.queue for insert to ${maker} with check (true);
    grant usage on schema supaqueue to ${maker};
    grant insert on supaqueue.queue to ${maker};
    set role ${maker};
    insert into supaqueue.queue (url, default_headers) values ('http://api.example.com', '{"x-team": "mail"}');
    reset role`)

  expect((await admin.db.query('select name from supaqueue.queue')).rows).toEqual([{ name: 'api.example.com' }])
})

describe('a queue is refused', () => {
  test.for(
    [
      ['with a URL as function name', { edge_function_name: 'https://example.com/f' }, 'is_a_name_not_a_url'],
      ['with a path as function name', { edge_function_name: 'a/../b' }, 'is_a_name_not_a_url'],
      ['without a function name', { edge_function_name: '' }, 'is_a_name_not_a_url'],
      ['with neither a function nor a URL', { edge_function_name: null }, 'calls_a_function_or_a_url'],
      [
        'with both a function and a URL',
        { edge_function_name: 'hello', url: 'https://api.example.com' },
        'calls_a_function_or_a_url',
      ],
      ['with a password in its URL', { url: 'https://me:secret@api.example.com/' }, 'is_http_without_a_password'],
      ['with a name in its URL', { url: 'https://me@api.example.com/' }, 'is_http_without_a_password'],
      ['with a URL of another scheme', { url: 'file:///etc/passwd' }, 'is_http_without_a_password'],
      ['with a URL without a host', { url: 'https://?x' }, 'is_http_without_a_password'],
      ['with a space in its URL', { url: 'https://api.example.com/a b' }, 'is_http_without_a_password'],
      ['with an unknown method', { method: 'TRACE' }, 'method_is_known'],
      ['with a negative ceiling', { max_deferrals: -1 }, 'max_deferrals_is_not_negative'],
      [
        'with results of more than a megabyte',
        { result_max_bytes: 1_048_577 },
        'result_max_bytes_is_at_most_a_megabyte',
      ],
      ['with headers that are no object', { default_headers: [] }, 'default_headers_is_an_object'],
      ['without an attempt', { max_attempts: 0 }, 'max_attempts_is_positive'],
      ['with a timeout of nothing', { timeout_ms: 0 }, 'timeout_ms_fits_the_platform'],
      ['with a timeout that no plan allows', { timeout_ms: 400_001 }, 'timeout_ms_fits_the_platform'],
      ['with a negative wait', { retry_base_ms: -1 }, 'retry_base_ms_is_not_negative'],
      ['with a factor that shrinks', { retry_factor: 0.5 }, 'retry_factor_does_not_shrink'],
      ['with a maximum below the base', { retry_max_ms: 10 }, 'retry_max_ms_is_at_least_retry_base_ms'],
    ] as const,
  )('%s', async ([, settings, constraint], { harness }) => {
    const default_headers = 'default_headers' in settings ? JSON.stringify(settings.default_headers) : {}

    expect(await refusal(harness.queue({ ...settings, default_headers: default_headers as object }))).toMatchObject({
      code: '23514',
      constraint: expect.stringContaining(constraint),
    })
  })
})

describe('what was said about a pause', () => {
  const pauseOf = 'select paused, paused_until, paused_reason from supaqueue.queue where id = $1'

  test('is forgotten when the queue is resumed by hand, so that it does not end the next pause', async ({ harness }) => {
    const queue = await harness.queue({ paused: true })
    await harness.update('queue', queue, { paused_until: '2001-01-01', paused_reason: 'supplier is down' })

    await harness.update('queue', queue, { paused: false })
    await harness.update('queue', queue, { paused: true })

    const { rows } = await harness.db.query(pauseOf, [queue])
    expect(rows).toEqual([{ paused: true, paused_until: null, paused_reason: null }])
  })

  test('stays while the queue is paused, whatever else is written', async ({ harness }) => {
    const queue = await harness.queue({ paused: true })
    await harness.update('queue', queue, { paused_reason: 'supplier is down' })

    await harness.update('queue', queue, { timeout_ms: 5 })

    expect((await harness.db.query(pauseOf, [queue])).rows[0].paused_reason).toBe('supplier is down')
  })
})
