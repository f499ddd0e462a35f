import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRoutes, type Route } from '../../../scripts/console/routes.ts'
import { openSource, type Source } from '../../../scripts/console/source.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

// What a page costs must not grow with the table. Here the table is larger than anything that may be looked at for one
// page, so that a plan that reads on shows by what it reads.

const JOBS = 120_000
const LOOKED_AT = 40_000
const BLOCKS = 50_000
const BATCH = '5b3c1f9e-0d53-4f3a-9c3e-6c1d4f0a7b21'

let database: TestDatabase
let source: Source
let routes: Record<string, Route>
let seen: Node[]
let blocks = 0

type Node = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}

beforeAll(async () => {
  database = await testDatabase()
  const admin = await database.connect('admin')
  await admin.query('set session_replication_role = replica')
  await admin.query(`
    insert into supaqueue.queue (id, name, edge_function_name)
    select gen_random_uuid(), name, 'hello' from unnest('{large,small}'::text[]) as name`)
  await admin.query('insert into supaqueue.worker (queue, locked) select id, false from supaqueue.queue')
  await admin.query(
    `insert into supaqueue.job (queue, status, created_at, run_at, finished_at, payload, error, dedupe_key, priority)
     select queue.id, (array['pending', 'success', 'failed', 'success'])[1 + n % 4]::supaqueue.job_status,
       at, at, case when n % 4 > 0 then at end, jsonb_build_object('n', n), case when n % 4 = 2 then 'no user ' || n end,
       'key ' || n, n % 3
     from generate_series(1, $1::integer) as n
     cross join lateral (select now() - ($1 - n) * interval '1 second' as at) as moment
     join supaqueue.queue on queue.name = case when n % 1000 = 0 then 'small' else 'large' end`,
    [JOBS],
  )
  await admin.query(`insert into supaqueue.batch (id, queue) select $1, id from supaqueue.queue where name = 'large'`, [
    BATCH,
  ])
  await admin.query(
    'insert into supaqueue.job_dependency (source, target) select n, n + 1 from generate_series(1, 250000) as n',
  )
  await admin.query('update supaqueue.job set batch = $1 where id % 100 = 0', [BATCH])
  await admin.query(
    `insert into supaqueue.bulk_action (act, queue, jobs)
     select 'retry', id, array(select generate_series(1, 10000)) from supaqueue.queue where name = 'large'`,
  )
  await admin.query(
    `insert into supaqueue.audit (act, queue, queue_name, role)
     select 'pause', queue.id, name, 'postgres' from supaqueue.queue cross join generate_series(1, 30000)`,
  )
  await admin.query('vacuum analyze supaqueue.audit')
  await admin.query('vacuum analyze supaqueue.job')
  await admin.query('vacuum analyze supaqueue.job_dependency')

  const real = openSource(database.ownerUrl)
  source = {
    ...real,
    async read<Row>(sql: string, values: unknown[] = []) {
      const [row] = await real.read<{ 'QUERY PLAN': { Plan: Node }[] }>(
        `explain (analyze, buffers, format json) ${sql}`,
        values,
      )
      const plan = row!['QUERY PLAN'][0]!.Plan
      seen.push(...nodes(plan))
      blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
      return await real.read<Row>(sql, values)
    },
  }
  routes = makeRoutes({ source, me: { database: '', readOnly: true }, health: () => Promise.resolve({ checks: [] }) })
})

afterAll(async () => {
  await source?.end()
  await database?.drop()
})

const nodes = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodes)]

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

const LOOKS = [
  ['overview', ''],
  ['jobs', ''],
  ['jobs', 'status=held'],
  ['jobs', `until=${ago(JOBS / 2)}`],
  ['jobs', 'payload={"n":5}'],
  ['jobs', 'key=key 5'],
  ['jobs', `batch=${BATCH}`],
  ['jobs', `batch=${BATCH}&status=failed`],
  ...['large', 'small'].flatMap((queue) => [
    ['jobs', `queue=${queue}`],
    ['jobs', `queue=${queue}&payload={"n":5}`],
    ...['pending', 'success', 'failed', 'cancelled', 'in_progress'].flatMap((status) => [
      ['jobs', `queue=${queue}&status=${status}`],
      ['jobs', `queue=${queue}&status=${status}&payload={"n":5}`],
      ['jobs', `queue=${queue}&status=${status}&since=${ago(3600)}`],
      ['jobs', `queue=${queue}&status=${status}&until=${ago(JOBS / 2)}`],
    ]),
  ]),
  ...['pending', 'success', 'failed', 'cancelled'].map((status) => ['jobs', `status=${status}`]),
  ['jobs', `queue=large&status=pending&after=1_${Date.now() / 1000 - JOBS / 2}_60000`],
  ['jobs', `queue=large&status=success&after=${Date.now() / 1000 - JOBS / 2}_60000`],
  ['job', 'id=60000'],
  ['jobs', 'where=$.n == 5'],
  ['jobs', `since=${ago(3600)}&until=${ago(1800)}`],
  ...['oldest', 'due', 'priority', 'attempts', 'slowest'].flatMap((sort) => [
    ['jobs', `sort=${sort}`],
    ['jobs', `sort=${sort}&since=${ago(JOBS / 2)}`],
    ['jobs', `sort=${sort}&batch=${BATCH}`],
    ['jobs', `sort=${sort}&queue=large`],
    ['jobs', `sort=${sort}&queue=large&after=${sort === 'oldest' ? `${Date.now() / 1000 - JOBS / 2}_60000` : '50'}`],
    ...['pending', 'success', 'failed', 'held', 'in_progress'].flatMap((status) => [
      ['jobs', `sort=${sort}&status=${status}`],
      ['jobs', `sort=${sort}&status=${status}&queue=small`],
      ['jobs', `sort=${sort}&status=${status}&until=${ago(JOBS / 2)}`],
    ]),
  ]),
  ['jobs', 'error=no user 6'],
  ['failures', ''],
  ['failures', 'queue=large&filter={"error":"no user 6","where":"$.n > 5"}'],
  ['meant', 'queue=large&filter={"error":"no user 6"}'],
  ['meant', 'filter={"where":"$.n == 6"}'],
  ['bulks', ''],
  ['queue', 'name=large'],
  ['runs', ''],
  ['schedules', ''],
  ['hooks', ''],
  ['aside', ''],
  ['me', ''],
  ['bulk', 'action=1'],
  ['alerts', ''],
  ['audit', ''],
  ['audit', 'queue=large'],
  ['findings', ''],
  ['pipelines', ''],
  ['graph', 'job=10000'],
]

test.each(LOOKS)('%s?%s reads by index, and no more than it may look at', async (name, query) => {
  seen = []
  blocks = 0
  await routes[name]!(new URLSearchParams(query))

  const growing = seen.filter((node) => ['job', 'job_dependency', 'audit'].includes(node['Relation Name'] ?? ''))
  expect(growing.map((node) => node['Node Type'])).not.toContain('Seq Scan')
  const tooMuch = growing.filter((node) =>
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] > LOOKED_AT
  )
  expect(tooMuch).toEqual([])
  // A whole index that is read, and fits no condition, shows by nothing else.
  expect(blocks).toBeLessThanOrEqual(BLOCKS)
})

test('each of the routes is among them', () => {
  // What doctor says is read over a connection of its own.
  expect(Object.keys(routes).filter((name) => name !== 'health' && !LOOKS.some(([known]) => known === name))).toEqual(
    [],
  )
})

test('a narrow filter is looked for page by page until it is found', async () => {
  seen = []
  const params = new URLSearchParams('payload={"n":5}')
  const found: number[] = []
  for (let next: string | null = ''; next !== null;) {
    if (next) params.set('after', next)
    const page = await routes.jobs!(params) as { jobs: { id: number }[]; next: string | null }
    found.push(...page.jobs.map(({ id }) => id))
    next = page.next
  }

  expect(found).toEqual([5])
})
