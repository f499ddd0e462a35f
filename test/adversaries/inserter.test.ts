import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { describe, expect } from 'vitest'
import { bombs } from '../support/bombs.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'

// Who may insert jobs, as docs/reference/rights.md grants it, and nothing else. What becomes of each column that he writes:
// on_job_by_others; what he tries with the credential of a queue: assert_opened.

const CANARY = 'canary-5d20'
const rights = /```sql\n([\s\S]*?)```/.exec(
  readFileSync(new URL('../../docs/reference/rights.md', import.meta.url), 'utf8'),
)![1]!

async function scene(database: TestDatabase) {
  const harness = harnessOf(await database.connect('owner'))
  const role = `app_${database.name}`
  const app = await database.connect('admin')
  await app.query(`create role ${role}`)
  await harness.db.query(rights.replaceAll(/\bto app\b/g, `to ${role}`).replace('policy app', `policy ${role}`))
  await harness.secret('api_secret', CANARY)
  const shop = await harness.queue({
    workers: 1,
    url: 'https://api.example.com/v1/invoices',
    default_headers: { authorization: 'vault:api_secret' },
  })
  const plain = await harness.queue({ workers: 1 })
  const victim = await harness.job(plain, { payload: { secret: CANARY }, status: 'held' })
  await harness.db.query(`update supaqueue.job set dedupe_key = 'theirs' where id = $1`, [victim])
  await app.query(`set session authorization ${role}`)
  return { harness, app, shop, plain, victim }
}

const codeOf = (session: pg.Client, sql: string): Promise<string> =>
  session.query(sql).then(() => 'done', (reason) => reason.code)

const rowOf = (harness: Harness, id: number) => harness.jobRow(id)

describe('who may only insert jobs', () => {
  test.for<[what: string, sql: (at: { shop: string; plain: string; victim: number }) => string, code: string]>([
    ['read jobs', () => 'select id from supaqueue.job', '42501'],
    ['read queues', () => 'select id from supaqueue.queue', '42501'],
    [
      'learn the id of his job',
      ({ plain }) => `insert into supaqueue.job (queue) values ('${plain}') returning id`,
      '42501',
    ],
    [
      'learn whether a key is taken, and let it be',
      ({ plain }) =>
        `insert into supaqueue.job (queue, dedupe_key) values ('${plain}', 'theirs') on conflict do nothing returning id`,
      '42501',
    ],
    [
      'write over the job that has a key',
      ({ plain }) =>
        `insert into supaqueue.job (queue, dedupe_key) values ('${plain}', 'theirs')
        on conflict (queue, dedupe_key) do update set payload = '{}'`,
      '42(501|P10)',
    ],
    [
      'take a key that is taken',
      ({ plain }) => `insert into supaqueue.job (queue, dedupe_key) values ('${plain}', 'theirs')`,
      '23505',
    ],
    ['change a job', ({ victim }) => `update supaqueue.job set payload = '{}' where id = ${victim}`, '42501'],
    ['delete a job', ({ victim }) => `delete from supaqueue.job where id = ${victim}`, '42501'],
    ['empty the table', () => 'truncate supaqueue.job', '42501'],
    ['lock the table against others', () => 'begin; lock table supaqueue.job in share row exclusive mode', '42501'],
    ['copy jobs out', () => 'copy supaqueue.job to stdout', '42501'],
    ['copy a file in', () => `copy supaqueue.job (payload) from '/etc/passwd'`, '42501'],
    ['run a program', () => `copy supaqueue.job (payload) from program 'true'`, '42501'],
    [
      'merge into jobs',
      ({ plain }) =>
        `merge into supaqueue.job using (values (1)) as v on false when not matched then insert (queue) values ('${plain}') when matched then delete`,
      '42501',
    ],
    [
      'choose an id',
      ({ plain }) => `insert into supaqueue.job (id, queue) overriding system value values (7, '${plain}')`,
      '42501',
    ],
    [
      'make a job of a user',
      ({ plain }) => `insert into supaqueue.job (queue, owner) values ('${plain}', gen_random_uuid())`,
      '42501',
    ],
    [
      'make one that has a result',
      ({ plain }) => `insert into supaqueue.job (queue, result) values ('${plain}', '1')`,
      '42501',
    ],
    ['call a function', ({ plain }) => `select supaqueue.enqueue('${plain}')`, '42501'],
    ['begin jobs', () => 'select supaqueue.process_jobs()', '42501'],
    ['take a turn', () => `select public.supaqueue_turn('{}')`, '42501'],
    ['add a worker', ({ plain }) => `insert into supaqueue.worker (queue) values ('${plain}')`, '42501'],
    ['make a queue', () => `insert into supaqueue.queue (edge_function_name) values ('hello')`, '42501'],
    [
      'put a trigger on jobs',
      () =>
        `create trigger t before insert on supaqueue.job for each row execute function suppress_redundant_updates_trigger()`,
      '42501',
    ],
    [
      'have another host called',
      ({ plain }) => `insert into supaqueue.job (queue, url) values ('${plain}', 'https://evil.example.com/')`,
      'SQ422',
    ],
    [
      'have another host called with a credential',
      ({ shop }) => `insert into supaqueue.job (queue, url) values ('${shop}', 'https://evil.example.com/')`,
      'SQ',
    ],
    [
      'have another path called with it',
      ({ shop }) =>
        `insert into supaqueue.job (queue, url) values ('${shop}', 'https://api.example.com/v1/customers/42')`,
      'SQ',
    ],
    [
      'have it called by another method',
      ({ shop }) => `insert into supaqueue.job (queue, method) values ('${shop}', 'DELETE')`,
      'SQ',
    ],
    [
      'have it called with parameters',
      ({ shop }) => `insert into supaqueue.job (queue, query) values ('${shop}', '{"admin": 1}')`,
      'SQ',
    ],
    [
      'send a credential elsewhere',
      ({ plain }) => `insert into supaqueue.job (queue, headers) values ('${plain}', '{"x-mine": "vault:api_secret"}')`,
      'SQ422',
    ],
    [
      'send what wake-ups are signed with',
      ({ plain }) =>
        `insert into supaqueue.job (queue, headers) values ('${plain}', '{"x-mine": "vault:supaqueue_secret"}')`,
      'SQ422',
    ],
    [
      'smuggle a header',
      ({ plain }) => `insert into supaqueue.job (queue, headers) values ('${plain}', '{"x-a": "1\\r\\nx-b: 2"}')`,
      'SQ422',
    ],
    [
      'take the key of a user',
      ({ plain }) =>
        `insert into supaqueue.job (queue, dedupe_key) values ('${plain}', 'supaqueue-user:00000000-0000-4000-8000-000000000001:k')`,
      'SQ422',
    ],
    [
      'give one attempts below zero',
      ({ plain }) => `insert into supaqueue.job (queue, max_attempts) values ('${plain}', -1)`,
      '(23514|SQ422|SQ413)',
    ],
    [
      'store ten megabytes',
      ({ plain }) =>
        `insert into supaqueue.job (queue, payload) select '${plain}', to_jsonb(string_agg(md5(n::text), '')) from generate_series(1, 330000) as n`,
      'SQ413',
    ],
    [
      'have a key of a megabyte',
      ({ plain }) => `insert into supaqueue.job (queue, concurrency_key) values ('${plain}', repeat('k', 1000000))`,
      '(23514|SQ422|SQ413)',
    ],
  ])('cannot %s', async ([, sql, code], { ownDatabase }) => {
    const { harness, app, ...at } = await scene(ownDatabase)
    const before = await rowOf(harness, at.victim)

    expect(await codeOf(app, sql(at))).toMatch(new RegExp(`^${code}`))
    await app.query('rollback')

    expect(await rowOf(harness, at.victim)).toEqual(before)
    expect((await harness.db.query('select from supaqueue.job')).rowCount).toBe(1)
  })

  test.for(bombs)('stores no bomb: %s', async ([, json], { ownDatabase }) => {
    const { app, plain } = await scene(ownDatabase)
    for (const column of ['payload', 'headers', 'query']) {
      const work = app.query(`insert into supaqueue.job (queue, ${column}) values ($1, $2)`, [plain, json])
      expect(await work.then(() => 'done', (reason) => reason.code)).toMatch(/^SQ4/)
    }
  })

  test('stops no queue by the job that he may make, with whatever extremes it is allowed', async ({ ownDatabase }) => {
    const { harness, app, plain, victim } = await scene(ownDatabase)
    await app.query(
      `insert into supaqueue.job (queue, priority, run_at, dedupe_key, concurrency_key, version, max_attempts, retry_base_ms, retry_max_ms)
       values ($1, 2147483647, '1900-01-01', repeat('d', 1000), repeat('c', 1000), -2147483648, 2147483647, 0, 2147483647)`,
      [plain],
    )
    await harness.db.query(`update supaqueue.job set status = 'pending' where id = $1`, [victim])
    await harness.workers(plain, 1)
    const run = crypto.randomUUID()

    const jobs = await harness.take(run, plain)
    await harness.report(run, plain, jobs.map(({ current_job }) => current_job.id), 'failed')

    expect(jobs.map(({ job }) => Number(job.id))).toContain(victim)
    expect((await harness.sweep()).leases_lost).toBe(0)
  })
})
