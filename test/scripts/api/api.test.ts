import { randomBytes } from 'node:crypto'
import { request as ask } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOptions, openApi } from '../../../scripts/api/api.ts'
import { errorOfConnection } from '../../../scripts/api/connection.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

// What it answers is tried in over_connection.test.ts. Here: the process around it.

let database: TestDatabase
const stops: (() => Promise<void>)[] = []
beforeAll(async () => database = await testDatabase())
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
afterAll(() => database?.drop())

async function serve(options: Partial<ApiOptions> = {}, env: Record<string, string> = {}) {
  const notes: string[] = []
  const { address, stop } = await openApi(
    { dbUrl: database.ownerUrl, port: 0, host: '127.0.0.1', connections: 5, ...options },
    { ...silentDeps({ env, cwd: '/nowhere' }), say: () => {}, note: (line) => void notes.push(line) },
  )
  stops.push(stop)
  return { address, stop, notes }
}

const altered = (change: (url: URL) => void, of = database.ownerUrl): string => {
  const url = new URL(of)
  change(url)
  return url.href
}

const makeKey = async (scopes: string[]): Promise<string> => {
  const owner = await database.connect('owner')
  return (await owner.query('select supaqueue.create_api_key(gen_random_uuid()::text, $1) as key', [scopes])).rows[0]
    .key
}

describe('a process that serves the HTTP API', () => {
  test.for([false, true])(
    'lets in who has a key of the database, and nobody else; by a pooler by transactions: %s',
    async (pooled) => {
      const { address } = await serve({ dbUrl: altered((url) => pooled && url.searchParams.set('pgbouncer', 'true')) })
      const authorization = `Bearer ${await makeKey(['read'])}`

      expect(await (await fetch(`${address}/queues`, { headers: { authorization } })).json()).toEqual({
        queues: [],
        next: null,
      })
      expect((await fetch(`${address}/queues`)).status).toBe(401)
      expect((await fetch(`${address}/metrics`, { headers: { authorization } })).status).toBe(403)
      expect(await (await fetch(`${address}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' })
    },
  )

  test('lets in who has the secret key of the environment, where there is one', async () => {
    const { address } = await serve({}, { SUPABASE_SECRET_KEY: 'sb_secret_of_mine' })

    const of = async (key: string) =>
      (await fetch(`${address}/queues`, { headers: { authorization: `Bearer ${key}` } })).status

    expect([await of('sb_secret_of_mine'), await of('sb_secret_of_none')]).toEqual([200, 401])
  })

  test('says in /health whether its database answers, and finds it again', async () => {
    const other = await testDatabase()
    try {
      const { address } = await serve({ dbUrl: other.ownerUrl })
      const health = async () => {
        const response = await fetch(`${address}/health`)
        return { status: response.status, body: await response.json() }
      }
      const admin = await database.connect('admin')
      expect(await health()).toEqual({ status: 200, body: { status: 'up' } })

      await admin.query(`alter database ${other.name} allow_connections false`)
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [other.name])
      await until(async () => (await health()).status === 503)
      expect((await health()).body).toMatchObject({ status: 'down', code: 'SQ503', hint: expect.any(String) })
      await admin.query(`alter database ${other.name} allow_connections true`)
      await until(async () => (await health()).status === 200)
      expect((await fetch(`${address}/health`, { method: 'POST' })).status).toBe(405)
    } finally {
      for (const stop of stops.splice(0)) await stop()
      await other.drop()
    }
  })

  test('when it is ended, answers what has begun, and leaves no connection', async () => {
    const [owner, watcher] = [await database.connect('owner'), await database.connect('admin')]
    const { address, stop } = await serve({}, { SUPABASE_SECRET_KEY: 'sb_secret_of_mine' })
    await owner.query(`select supaqueue.create_queue('held', url => 'https://api.example.com/')`)
    await owner.query('begin')
    await owner.query(`select from supaqueue.queue where name = 'held' for update`)
    const paused = fetch(`${address}/queues/held/pause`, {
      method: 'POST',
      headers: { authorization: 'Bearer sb_secret_of_mine' },
    })
    const asks = async () =>
      (await watcher.query(
        `select count(*) filter (where state = 'active')::int as active, count(*)::int as all from pg_stat_activity
         where application_name = 'supaqueue api' and datname = current_database()`,
      )).rows[0]
    await until(async () => (await asks()).active === 1)

    const stopped = stop()
    await until(async () => await fetch(`${address}/openapi.json`).then(() => false, () => true))
    await owner.query('commit')

    expect((await paused).status).toBe(200)
    await stopped
    await until(async () => (await asks()).all === 0)
  })

  test('answers what no browser would send', async () => {
    const { address } = await serve()
    const raw = (method: string, path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { hostname, port } = new URL(address)
        ask({ hostname, port, method, path, headers: { host: '[' } }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).on('error', reject).end()
      })

    expect(await raw('TRACE', '/queues')).toBe(405)
    expect(await raw('GET', '//evil.example.com/queues')).toBe(404)
    expect(await raw('OPTIONS', '*')).toBe(204)
    expect(await raw('HEAD', '/openapi.json')).toBe(200)
    expect(await raw('GET', '/jobs/%ff')).toBe(401)
  })
})

describe('what keeps it from starting is said, with what to do', () => {
  test.for<[string, () => Partial<ApiOptions>, code: string, message: RegExp, hint: RegExp]>([
    ['no database', () => ({ dbUrl: undefined }), 'SQ422', /which database/, /SUPAQUEUE_DB_URL/],
    ['a URL that is none', () => ({ dbUrl: 'http://x' }), 'SQ422', /not one of a Postgres/, /postgresql:/],
    ['nobody listens', () => ({ dbUrl: altered((url) => url.port = '1') }), 'SQ503', /ECONNREFUSED/, /running/],
    [
      'a wrong password',
      () => ({ dbUrl: altered((url) => url.password = 'another-one') }),
      'SQ503',
      /refused the connection/,
      /password/,
    ],
    [
      'no such database',
      () => ({ dbUrl: altered((url) => url.pathname = '/none') }),
      'SQ503',
      /refused the connection/,
      /database/,
    ],
    [
      'a role without rights',
      () => ({ dbUrl: database.authenticatorUrl }),
      'SQ503',
      /refused the function/,
      /--api-role/,
    ],
  ])('%s', async ([, options, code, message, hint]) => {
    const failed = await serve(options()).catch((reason) => reason)

    expect(failed).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) })
    expect(`${failed.message} ${failed.hint}`).not.toContain('another-one')
  })

  test('a port that somebody has', async () => {
    const { address } = await serve()

    await expect(serve({ port: Number(new URL(address).port) })).rejects.toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('--port'),
    })
  })

  test('a database without the API, or with an older one', async () => {
    const other = await testDatabase()
    try {
      const owner = await other.connect('owner')
      await owner.query('drop function supaqueue_internal.direct_api')
      await expect(serve({ dbUrl: other.ownerUrl })).rejects.toMatchObject({
        code: 'SQ503',
        hint: expect.stringContaining('install --with api'),
      })
      await owner.query('drop schema supaqueue, supaqueue_internal cascade')
      await expect(serve({ dbUrl: other.ownerUrl })).rejects.toMatchObject({
        code: 'SQ503',
        hint: expect.stringContaining('install --with api'),
      })
    } finally {
      await other.drop()
    }
  })
})

test('a role that was made for it takes a wrong password for what it is, after it was changed in between', async () => {
  const admin = await database.connect('admin')
  const role = `api_${randomBytes(4).toString('hex')}`
  await admin.query(`create role ${role} login password 'the-first-one'`)
  try {
    await admin.query(`grant usage on schema supaqueue_internal to ${role}`)
    await admin.query(`grant execute on function supaqueue_internal.direct_api(text, jsonb) to ${role}`)
    const { address } = await serve({
      dbUrl: altered((url) => {
        url.username = role
        url.password = 'the-first-one'
      }),
    })
    await admin.query(`alter role ${role} password 'the-second-one'`)
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role])
    const health = async () => await (await fetch(`${address}/health`)).json()
    await until(async () => /password/.test((await health()).message))

    expect(await health()).toMatchObject({ code: 'SQ503', hint: expect.stringContaining('SUPAQUEUE_DB_URL') })
    await admin.query(`alter role ${role} password 'the-first-one'`)
    await until(async () => (await health()).status === 'up')
  } finally {
    for (const stop of stops.splice(0)) await stop()
    await admin.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test.for(
  [
    [{ severity: 'ERROR', code: 'SQ409', hint: 'wait' }, 'SQ409', 'wait'],
    [{ severity: 'ERROR', code: '23505' }, 'SQ409', 'Nothing was changed'],
    [{ severity: 'ERROR', code: '22P05' }, 'SQ422', 'Nothing was changed'],
    [{ severity: 'ERROR', code: '57014' }, 'SQ503', 'send the same request again'],
    [{ severity: 'ERROR', code: '42883' }, 'SQ500', 'Nothing was changed'],
    [{ severity: 'ERROR', code: 'P0001' }, 'SQ422', 'Nothing was changed'],
    [{ severity: 'ERROR', code: '42501' }, 'SQ422', 'Nothing was changed'],
    [{ severity: 'FATAL', code: '57P01' }, 'SQ503', 'send the same request again'],
    [{ severity: 'FATAL', code: '53300' }, 'SQ503', 'send the same request again'],
    [{ severity: 'FATAL', code: '28P01' }, 'SQ503', 'SUPAQUEUE_DB_URL'],
    [{ code: 'ECONNRESET' }, 'SQ503', 'send the same request again'],
  ] as const,
)('what the driver says with %o is %s', ([said, code, hint]) => {
  expect(errorOfConnection(Object.assign(new Error('what happened'), said))).toMatchObject({
    code,
    message: expect.stringContaining('what happened'),
    hint: expect.stringContaining(hint),
  })
})
