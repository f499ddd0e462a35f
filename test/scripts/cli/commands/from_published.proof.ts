import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inventory } from '../../../support/inventory.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'
import { PUBLISHED, PUBLISHED_AT_WORK, PUBLISHED_DEPENDENCIES } from '../../../support/published.ts'
import { until } from '../../../support/until.ts'

// A project in which the supaqueue published in 2024 is at work.

let project: Hosted
beforeEach(async () => {
  project = await startHosted({ functions: ['hello'] })
  const client = new pg.Client({ connectionString: project.ownerUrl })
  await client.connect()
  await client.query(`${PUBLISHED}${PUBLISHED_DEPENDENCIES}
    truncate supaqueue.queue cascade;
    ${PUBLISHED_AT_WORK}
    create table public.invoice (id int primary key, job uuid references supaqueue.job);
    insert into supaqueue.queue (id, name, edge_function_name, default_headers) values
      ('${queue(1)}', '', 'hello', '{"x-from": "me", "x-number": 7}'), ('${queue(2)}', '', 'hello', null),
      ('${queue(3)}', 'mine', 'nobody', '{}');
    insert into supaqueue.worker (queue) select id from supaqueue.queue where edge_function_name = 'hello';`)
  await client.end()
})
afterEach(() => project?.stop())

const queue = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
const install = (...args: string[]) => project.run(['install', '--from-published', ...args])
const rows = async (sql: string) => (await project.db.query(sql)).rows
const run = (sql: string) => project.db.query(sql)

/** Jobs as they lie there, without any that its triggers begin. */
async function lay(sql: string) {
  await run(
    `begin; alter table supaqueue.job disable trigger user; ${sql}; alter table supaqueue.job enable trigger user; commit`,
  )
}

const job = (n: number) => `10000000-0000-4000-8000-00000000000${n}`
const insertJob = (n: number, status: string, more = '') =>
  `insert into supaqueue.job (id, queue, payload, status, attempts, updated_at)
   values ('${job(n)}', '${queue(3)}', '{"n": ${n}}', ${status}, ${more || 0}, now() - interval '${10 - n} hours')`

describe('takes over what waits', () => {
  beforeEach(() =>
    lay([
      insertJob(1, `'pending'`, '2'),
      insertJob(2, 'null'),
      insertJob(3, `'success'`),
      insertJob(4, `'failed'`, '3'),
      insertJob(5, `'pending'`),
      insertJob(6, `'failed'`, '3'),
      `insert into supaqueue.job_dependencies (source, target) values
         ('${job(1)}', '${job(5)}'), ('${job(6)}', '${job(2)}')`,
    ].join(';'))
  )

  test('with queues, workers, headers, attempts and dependencies; the rest stays, aside', async () => {
    const { code, out } = await install('--yes')

    expect(code).toBe(0)
    expect(out).toContain('is taken over: 3 queues, 2 workers, 3 jobs that wait')
    expect(out).toContain('yours, and goes on to refer to supaqueue_2024: public.invoice.invoice_job_fkey')
    expect(await rows('select id, name, default_headers from supaqueue.queue order by id')).toMatchObject([
      { id: queue(1), name: 'hello', default_headers: { 'x-from': 'me', 'x-number': '7' } },
      { id: queue(2), name: 'hello-00000000', default_headers: {} },
      { id: queue(3), name: 'mine', default_headers: {} },
    ])
    expect(
      await rows(
        'select queue, locked from supaqueue.worker where id in (select id from supaqueue_2024.worker) order by queue',
      ),
    ).toEqual([{ queue: queue(1), locked: false }, { queue: queue(2), locked: false }])
    expect(
      await rows(`
      select (payload ->> 'n')::int as n, status, attempts, array(
        select source.payload ->> 'n' from supaqueue.job_dependency join supaqueue.job as source on source.id = source
        where target = job.id and on_failure = 'hold') as after
      from supaqueue.job where queue = '${queue(3)}' order by id`),
    ).toEqual([
      { n: 1, status: 'pending', attempts: 2, after: [] },
      { n: 2, status: 'held', attempts: 0, after: ['6'] },
      { n: 5, status: 'held', attempts: 0, after: ['1'] },
      { n: 6, status: 'failed', attempts: 3, after: [] },
    ])
    expect(await rows('select job from supaqueue_2024.moved order by id')).toEqual(
      [1, 2, 5, 6].map((n) => ({ job: job(n) })),
    )
    expect(await rows('select count(*)::int as count from supaqueue_2024.job')).toEqual([{ count: 6 }])
  })

  test('and a dry run says all of it, and changes nothing', async () => {
    const before = await inventory(project.adminUrl)
    const { code, out } = await install('--dry-run')

    expect(code).toBe(0)
    expect(out).toContain('alter schema supaqueue rename to supaqueue_2024')
    expect(out).toContain('is taken over: 3 queues')
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('once: a second run takes nothing twice, and says so', async () => {
    await install('--yes')
    const { code, out } = await install('--yes')

    expect(code).toBe(0)
    expect(out).toContain('was taken over before')
    expect(await rows(`select count(*)::int as count from supaqueue.job where queue = '${queue(3)}'`)).toEqual([{
      count: 4,
    }])
  })

  test('or nothing at all, where something does not fit', async () => {
    await run(`insert into supaqueue.queue (edge_function_name) values ('no name/of a function')`)
    const before = await inventory(project.adminUrl)

    const { code, text } = await install('--yes')

    expect(code).toBe(1)
    expect(text).toContain('queue_edge_function_name_is_a_name_not_a_url')
    expect(await inventory(project.adminUrl)).toEqual(before)
  })
})

test('what was inserted as ever is run by the new one, into whose hands it comes during the installation', async () => {
  const stream = new pg.Client({ connectionString: project.ownerUrl })
  await stream.connect()
  let sent = 0
  let ended = false
  const sending = (async () => {
    while (!ended) {
      await stream.query(`insert into supaqueue.job (queue, payload) values ('${queue(1)}', $1)`, [{ n: ++sent }])
      // Plays its dispatcher, as long as it is there.
      await stream.query(
        `select public.end_current_job(id, true, true) from supaqueue.current_job where not is_complete`,
      )
    }
  })()
  await until(() => Promise.resolve(sent > 20))

  const { code, text } = await install('--yes')
  const during = sent
  await until(() => Promise.resolve(sent > during + 5))
  ended = true
  await sending
  await stream.end()

  expect(text).toMatch(/Proof: /)
  expect(code).toBe(0)
  await until(async () => (await rows(`select from supaqueue.job where status not in ('success')`)).length === 0)
  const all = await rows(`
    select payload ->> 'n' as n from supaqueue_2024.job where status = 'success'
    union all select payload ->> 'n' from supaqueue.job where queue = '${queue(1)}'`)
  expect(all.map(({ n }) => Number(n)).sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i + 1))
})

describe('a job in progress', () => {
  beforeEach(() =>
    run(`insert into supaqueue.job (queue, payload) values ('${queue(1)}', '{}'), ('${queue(1)}', '{}')`)
  )

  test('may end first, and no other begins meanwhile', async () => {
    const installing = install('--yes')
    await until(async () =>
      (await rows(
        `select from pg_stat_activity where state = 'idle in transaction' and query ~ 'in_progress' and datname = current_database()`,
      ))
        .length > 0
    )
    await run('select public.end_current_job(id, true, true) from supaqueue.current_job')

    expect((await installing).code).toBe(0)
    expect(await rows(`select status, count(*)::int as count from supaqueue_2024.job group by 1 order by 1`)).toEqual([
      { status: 'pending', count: 1 },
      { status: 'success', count: 1 },
    ])
  })

  test('is named when it does not end, and everything goes on as before', async () => {
    const before = await inventory(project.adminUrl)
    const { code, text } = await install('--yes', '--drain-seconds', '0')

    expect(code).toBe(1)
    expect(text).toMatch(
      /SQ409: one job of the supaqueue published in 2024 is still in progress\nWhat to do: Nothing was changed/,
    )
    expect(await inventory(project.adminUrl)).toEqual(before)
    await run('select public.end_current_job(id, true, true) from supaqueue.current_job')
    expect(await rows(`select count(*)::int as count from supaqueue.current_job`)).toEqual([{ count: 1 }])
  })

  test('is begun once more where that is allowed', async () => {
    expect((await install('--yes', '--drain-seconds', '0', '--begin-again')).code).toBe(0)

    await until(async () =>
      (await rows(`select from supaqueue.job where queue = '${queue(1)}' and status = 'success'`)).length === 2
    )
  })
})

test('where there is none, it says so', async () => {
  await run('drop schema supaqueue cascade; drop function public.end_current_job')
  const { code, text } = await install('--yes')

  expect(code).toBe(5)
  expect(text).toMatch(/^SQ404: there is no supaqueue of 2024 in this database\nWhat to do: Nothing was changed/)
})
