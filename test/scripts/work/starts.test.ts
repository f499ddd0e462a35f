import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startWork } from './support/child.ts'
import { openScene, type Scene, type SceneDatabase } from './support/scene.ts'
import { startPooler } from '../../support/pooler.ts'
import { until } from '../../support/until.ts'

// What keeps a process from its work is said, with a code and what to do; and nothing is lost by it.

let scene: Scene
let database: SceneDatabase
beforeEach(async () => {
  scene = await openScene()
  database = await scene.database()
})
afterEach(() => scene.close())

const altered = (change: (url: URL) => void): string => {
  const url = new URL(database.ownerUrl)
  change(url)
  return url.href
}

test.for<[string, () => string, code: string, message: RegExp, hint: RegExp]>([
  ['a URL that is none', () => 'localhost:5432', 'SQ422', /not one of a Postgres/, /postgresql:/],
  ['nobody listens', () => altered((url) => url.port = '1'), 'SQ504', /ECONNREFUSED/, /running/],
  [
    'a wrong password',
    () => altered((url) => url.password = 'another-one'),
    'SQ401',
    /refused the password/,
    /password/,
  ],
  ['no such database', () => altered((url) => url.pathname = '/none'), 'SQ504', /does not exist/, /--db-url/],
  [
    'a pooler by transactions',
    () => altered((url) => url.searchParams.set('pgbouncer', 'true')),
    'SQ422',
    /pooler/,
    /5432/,
  ],
  ['a role without rights', () => database.authenticatorUrl, 'SQ403', /permission denied/, /--worker-role/],
])('%s', async ([, url, code, message, hint]) => {
  const failed = await scene.work([{ ...database, ownerUrl: url() }]).catch((reason) => reason)

  expect(failed).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) })
  expect(`${failed.message} ${failed.hint}`).not.toContain('another-one')
})

test('a pooler by transactions at a port that does not say so', async () => {
  const pooler = await startPooler(database.ownerUrl)
  try {
    await database.owner.jobs(await database.queue(), 3)
    const failed = await scene.work([{ ...database, ownerUrl: pooler.by(database.ownerUrl) }]).catch((reason) => reason)

    expect(failed).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+.* accepts LISTEN and tells of nothing/),
      hint: expect.stringMatching(/session pooler.*5432/),
    })
    expect(scene.calls, 'it begins nothing that it would be slow to go on with').toEqual([])
    expect(await database.processes(), 'nobody is woken who does not hear').toEqual([])
  } finally {
    await pooler.close()
  }
})

test('a port that somebody has', async () => {
  const { address } = await scene.work([database], { port: 0 })

  await expect(scene.work([database], { port: Number(new URL(address!).port) })).rejects.toMatchObject({
    code: 'SQ409',
    hint: expect.stringContaining('--port'),
  })
})

test.for(
  [
    ['without supaqueue', 'drop schema supaqueue_internal cascade', 'SQ404'],
    ['of a release before there were processes', 'drop function supaqueue_internal.direct_turn', 'SQ404'],
    [
      'of a release that takes a process for a run',
      `create or replace function supaqueue_internal.direct_turn(request jsonb) returns json language sql
       as 'select public.supaqueue_turn(request)'`,
      'SQ422',
    ],
  ] as const,
)('a database %s', async ([, statement, code]) => {
  await database.owner.db.query(statement)

  await expect(scene.work([database])).rejects.toMatchObject({
    code,
    hint: expect.stringContaining('install'),
  })
})

test.for(['null', '{}', '{"home": true}', '{"home": true, "sweep": false, "wake": [1]}', '[]'])(
  'a database of another release, which answers %s: it is said, nothing is begun, and after an upgrade it goes on',
  async (answer) => {
    const { rows: [{ usual }] } = await database.owner.db.query(
      `select pg_get_functiondef('supaqueue_internal.serve_process(jsonb)'::regprocedure) as usual`,
    )
    const queue = await database.queue()
    const { notes } = await scene.work([database])
    await database.owner.db.query(`create or replace function supaqueue_internal.serve_process(request jsonb)
      returns json language sql as $$ select '${answer}'::json $$`)
    await until(() => Promise.resolve(notes.some((line) => /"SQ422".*form unknown here.*upgrade/.test(line))))

    await expect(scene.work([database])).rejects.toMatchObject({
      code: 'SQ422',
      hint: expect.stringMatching(/different versions.*upgrade/),
    })
    await database.owner.db.query(usual)
    await database.owner.jobs(queue, 3)
    await until(async () => await database.done(queue) === 3)

    expect(scene.calls).toHaveLength(3)
    expect(notes.filter((line) => /form unknown here/.test(line)), 'said once, not with each try').toHaveLength(1)
  },
)

test('a password that is changed in between: it is said, the jobs stay, and it goes on once it knows the password', async () => {
  const admin = await database.connect('admin')
  const role = `worker_${randomBytes(4).toString('hex')}`
  await admin.query(`create role ${role} login password 'the-first-one'`)
  try {
    await admin.query(`grant usage on schema supaqueue_internal to ${role}`)
    await admin.query(`grant execute on function supaqueue_internal.direct_turn(jsonb) to ${role}`)
    const queue = await database.queue()
    const url = altered((url) => {
      url.username = role
      url.password = 'the-first-one'
    })
    const { notes, stop } = await scene.work([{ ...database, ownerUrl: url }])
    await admin.query(`alter role ${role} password 'the-second-one'`)
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role])
    await until(() => Promise.resolve(notes.some((line) => /SQ504/.test(line))))
    const jobs = await database.owner.jobs(queue, 5)
    await admin.query(`alter role ${role} password 'the-first-one'`)
    await until(async () => await database.done(queue) === 5)

    expect(scene.calls.toSorted()).toEqual(jobs.toSorted())
    expect(notes.join('\n')).not.toMatch(/the-(first|second)-one/)
    await stop()
  } finally {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`)
    await admin.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test('SUPABASE_DB_URL, which the platform sets, is no database to serve', async () => {
  const failed = startWork([], { SUPABASE_DB_URL: database.ownerUrl })

  await expect(failed).rejects.toThrow(/SQ422.*which database/s)
})
