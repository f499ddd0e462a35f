import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  coreFiles,
  functionFiles,
  isExtensionPoint,
  migrationFiles,
  migrationModule,
  moduleFiles,
  OPTIONAL_MODULES,
} from '../../../scripts/cli/database/files.ts'
import { KEEP_RIGHTS } from '../../../scripts/cli/database/units.ts'
import { installStandIns } from '../../../scripts/dev/standins/standins.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

const core = coreFiles()
const tables = migrationFiles(OPTIONAL_MODULES)
const modules = moduleFiles()

/** What a file makes: functions, views and tables, without their schemas. */
const made = (sql: string) =>
  [...sql.matchAll(/^create (?:or replace )?(?:function|view|table) \w+\.(\w+)/gm)].map(([, name = '']) => name)

describe('The core', () => {
  let database: TestDatabase
  let owner: pg.Client
  let service: pg.Client

  beforeAll(async () => {
    database = await testDatabase('template1')
    await installStandIns(database.adminUrl)
    owner = await database.connect('owner')
    await owner.query('set check_function_bodies = off')
    for (const file of [...tables.filter((file) => migrationModule(file) === 'core'), ...core]) {
      await owner.query(file.sql)
    }
    await owner.query(KEEP_RIGHTS)
    service = await database.connect('service_role')
  })
  afterAll(() => database.drop())

  test('walks a job from its insert to its result, without any module', async () => {
    const { rows: [queue] } = await service.query(
      `insert into supaqueue.queue (name, edge_function_name) values ('alone', 'hello') returning id`,
    )
    await service.query('insert into supaqueue.worker (queue) values ($1)', [queue.id])
    await service.query(`insert into supaqueue.job (queue, payload) values ($1, '{"n": 1}')`, [queue.id])
    const run = '00000000-0000-4000-8000-000000000001'

    const taken = await turn({ run, queue: queue.id, room: 5, hello: true })
    const [{ current_job: { id: token }, job }] = taken.jobs
    await turn({ run, queue: queue.id, room: 5, reports: [{ token, outcome: 'success', result: { done: 1 } }] })

    expect(job.payload).toBe('{"n": 1}')
    const { rows } = await service.query('select status, result, attempts from supaqueue.job')
    expect(rows).toEqual([{ status: 'success', result: { done: 1 }, attempts: 1 }])
    expect((await service.query('select locked from supaqueue.worker')).rows).toEqual([{ locked: false }])
  })

  test('tries again what failed, and takes back what was lost', async () => {
    const { rows: [queue] } = await service.query(
      `insert into supaqueue.queue (name, edge_function_name, retry_base_ms)
       values ('again', 'hello', 0) returning id`,
    )
    await service.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, 2)', [queue.id])
    await service.query(`select supaqueue.enqueue('again'), supaqueue.enqueue('again', dedupe_key => 'one')`)
    const run = '00000000-0000-4000-8000-000000000002'
    const [failing, lost] = (await turn({ run, queue: queue.id, room: 5 })).jobs.map(
      (one: { current_job: { id: string } }) => one.current_job.id,
    )

    await turn({ run, queue: queue.id, reports: [{ token: failing, outcome: 'failed', error: 'not today' }] })
    await service.query(
      `update supaqueue.current_job set called = true, lease_until = now() - interval '1 second' where id = $1`,
      [lost],
    )
    await service.query('select supaqueue.sweep()')

    const { rows } = await service.query('select status, error from supaqueue.job where queue = $1 order by id', [
      queue.id,
    ])
    expect(rows.map(({ error }) => error)).toEqual([expect.anything(), expect.anything()])
    expect((await owner.query('select * from supaqueue.trouble')).rows).toEqual([])
  })

  test('says so where a module is needed', async () => {
    await service.query(
      `insert into supaqueue.queue (name, edge_function_name) values ('waiting', 'hello')`,
    )

    await expect(service.query(`select supaqueue.enqueue('waiting', depends_on => '{1}')`))
      .rejects.toMatchObject({ code: 'SQ501', hint: expect.stringMatching(/^Nothing was changed/) })
    expect(
      (await service.query(
        `select from supaqueue.job join supaqueue.queue on queue.id = job.queue where name = 'waiting'`,
      )).rows,
    ).toEqual([])
    await expect(service.query(
      `insert into supaqueue.job (queue, url) select id, 'https://example.com/' from supaqueue.queue where name = 'waiting'`,
    )).rejects.toMatchObject({ code: 'SQ501', hint: expect.stringMatching(/^Nothing was changed/) })
  })

  test('begins jobs one by one, of a key, too, where modules would do more', async () => {
    const { rows: [queue] } = await service.query(
      `insert into supaqueue.queue (name, edge_function_name, batch_size, per_key) values ('single', 'hello', 20, 1) returning id`,
    )
    await service.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, 3)', [queue.id])
    await service.query(
      `insert into supaqueue.job (queue, concurrency_key) select $1, 'one' from generate_series(1, 3)`,
      [queue.id],
    )

    const { jobs } = await turn({ run: '00000000-0000-4000-8000-000000000003', queue: queue.id, room: 5 })

    expect(jobs).toHaveLength(3)
    expect(jobs.filter(({ current_job }: { current_job: { call?: string } }) => current_job.call)).toEqual([])
  })

  async function turn(request: object) {
    return (await service.query('select public.supaqueue_turn($1) as answer', [JSON.stringify(request)])).rows[0].answer
  }
})

test('The core is small enough to be read as a whole: 4,000 lines of SQL beside comments, blank lines and what modules may replace', () => {
  const lines = core.filter((file) => !isExtensionPoint(file)).flatMap(({ sql }) => sql.split('\n'))

  expect(lines.filter((line) => /\S/.test(line) && !/^\s*--/.test(line)).length).toBeLessThanOrEqual(4000)
})

test('What must be read to understand the queue has 4,000 lines at most: the rooms that the README calls the walk', () => {
  const readme = readFileSync('functions/core/README.md', 'utf8')
  const walk = readme.match(/^The walk, [^]*?4,000 lines/m)?.[0] ?? ''
  const rooms = [...walk.matchAll(/`(\w+)(\.sql)?`/g)].map(([, name, file]) => `core/${name}${file ?? '/'}`)
  const files = core.filter(({ path }) => rooms.some((room) => path.startsWith(room)))

  expect(rooms).toHaveLength(6)
  for (const room of rooms) expect(files.filter(({ path }) => path.startsWith(room)), room).not.toEqual([])
  expect(files.reduce((sum, { sql }) => sum + sql.split('\n').length - 1, 0)).toBeLessThanOrEqual(4000)
})

describe('No file of the core', () => {
  const ofModules = new Set(
    [...modules, ...tables.filter((file) => migrationModule(file) !== 'core')].flatMap(({ sql }) => made(sql)),
  )
  const ofCore = new Set(core.flatMap(({ sql }) => made(sql)))
  // A default and the file that takes its place have one name.
  const theirs = [...ofModules].filter((name) => !ofCore.has(name))

  const tablesOfTheCore = tables.filter((file) => migrationModule(file) === 'core')
  // A migration stays as it was released: it may name what the core made once, and a module has now, as functions do.
  const once = new Set([...tablesOfTheCore, ...modules].flatMap(({ sql }) => made(sql)))
  test.for([
    ...core.map((file) => [file.path, file.sql, theirs] as const),
    ...tablesOfTheCore.map((file) => [file.path, file.sql, theirs.filter((name) => !once.has(name))] as const),
  ])('names a module: %s', ([, sql, foreign]) => {
    const callers = sql.match(/^-- called by .*$/gm)?.join() ?? ''
    const named = foreign.filter((name) =>
      new RegExp(`\\b(supaqueue|supaqueue_internal|public)\\.${name}\\b|(?<![.\\w])${name}\\(`).test(sql) ||
      // In comments, a name that is no word of the language, and any that is said to call it.
      new RegExp(`\\b${name}\\b`).test(name.includes('_') ? sql : callers)
    )

    expect(named).toEqual([])
  })
})

describe('What a module puts in place of a file of the core', () => {
  const signature = (sql: string) =>
    sql.match(/^create or replace function [^$]+?\nreturns \w+/m)?.[0].replace(/\s+/g, ' ')

  test.for(core.filter(isExtensionPoint).map((file) => [file.name, file] as const))(
    'has its signature: %s',
    ([name, file]) => {
      const [replacing, ...others] = modules.filter((one) => one.name === name && !one.path.includes('fetchq'))

      expect(others).toEqual([])
      expect(signature(replacing?.sql ?? '')).toBe(signature(file.sql))
      expect(functionFiles().filter((one) => one.name === name)).toEqual([replacing])
    },
  )
})
