import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Jobs, SORTS, STATUSES } from '../../../console/answers.ts'
import { readJobs } from '../../../scripts/console/reads/jobs.ts'
import { openSource, type Source } from '../../../scripts/console/source.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

let database: TestDatabase
let source: Source

type Row = { id: number; queue: string; status: string; value: Record<string, number | null> }
let rows: Row[]

beforeAll(async () => {
  database = await testDatabase()
  const admin = await database.connect('admin')
  await admin.query('set session_replication_role = replica')
  await admin.query(`insert into supaqueue.queue (id, name, edge_function_name)
    select gen_random_uuid(), name, 'hello' from unnest('{one,two}'::text[]) as name`)
  await admin.query(
    `insert into supaqueue.job (queue, status, created_at, run_at, finished_at, attempts, priority, call_ms)
     select queue.id, status::supaqueue.job_status, now() - n * interval '1 minute', now() + (n * 7 % 50) * interval '1 second',
       case when status in ('success', 'failed', 'cancelled') then now() - (n * 11 % 60) * interval '1 second' end,
       n % 5, n * 13 % 4 - 1, case when n % 6 > 0 then n * 17 % 300 end
     from generate_series(1, 130) as n
     cross join unnest('{pending,held,success,failed,cancelled}'::text[]) as status
     join supaqueue.queue on queue.name = case when n % 3 = 0 then 'two' else 'one' end`,
  )
  source = openSource(database.ownerUrl)
  rows = await source.read(
    `select job.id, queue.name as queue, job.status, jsonb_build_object(
       'due', -extract(epoch from run_at), 'priority', priority, 'attempts', attempts, 'slowest', call_ms,
       'oldest', case when status in ('success', 'failed', 'cancelled') then -extract(epoch from finished_at) else -job.id end,
       'id', -job.id
     ) as value
     from supaqueue.job join supaqueue.queue on queue.id = job.queue`,
  )
})

afterAll(async () => {
  await source?.end()
  await database?.drop()
})

/** All pages of a list, one after the other. */
async function pagesOf(params: Record<string, string>): Promise<number[]> {
  const ids: number[] = []
  for (let after: string | null = ''; after !== null;) {
    const page: Jobs = await readJobs(source, new URLSearchParams({ ...params, ...(after && { after }) }))
    ids.push(...page.jobs.map(({ id }) => id))
    after = page.next
  }
  return ids
}

test.each(
  SORTS.flatMap((sort) =>
    STATUSES.filter((status) => status !== 'in_progress').flatMap((status) =>
      ['', 'one'].map((queue) => [sort, status, queue] as const)
    )
  ),
)('%s, of %s jobs of %s: each once, in this order', async (sort, status, queue) => {
  const wanted = rows.filter((row) => row.status === status && (queue === '' || row.queue === queue))

  const ids = await pagesOf({ sort, status, ...(queue && { queue }) })

  expect(ids.toSorted((a, b) => a - b)).toEqual(wanted.map(({ id }) => id).sort((a, b) => a - b))
  const values = ids.map((id) => rows.find((row) => row.id === id)!.value[sort] ?? -Infinity)
  expect(values).toEqual(values.toSorted((a, b) => b - a))
})

test('the oldest first, of all jobs', async () => {
  expect(await pagesOf({ sort: 'oldest' })).toEqual(rows.map(({ id }) => id).sort((a, b) => a - b))
})

test('within a time, from both of its ends', async () => {
  const admin = await database.connect('admin')
  const { rows: [time] } = await admin.query(
    `select max(created_at) - interval '100 minutes' as since, max(created_at) - interval '50 minutes' as until from supaqueue.job`,
  )
  const { rows: within } = await admin.query(
    'select id::integer from supaqueue.job where created_at between $1 and $2 order by id',
    [time.since, time.until],
  )
  const params = { since: time.since.toISOString(), until: time.until.toISOString() }

  const newest = await pagesOf(params)
  const oldest = await pagesOf({ ...params, sort: 'oldest' })

  expect(oldest).toEqual(newest.toReversed())
  expect(Math.abs(oldest.length - within.length)).toBeLessThanOrEqual(5)
})

test('a sort that there is not is refused', async () => {
  await expect(readJobs(source, new URLSearchParams({ sort: 'color' }))).rejects.toMatchObject({ code: 'SQ422' })
})
