import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PageFile } from '../../../scripts/console/page.ts'
import { type Console, startConsole } from '../../../scripts/console/start.ts'
import { builtPage } from '../../console/support/page.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

let database: TestDatabase
let page: Map<string, PageFile>
let served: Console

beforeAll(async () => {
  database = await testDatabase()
  page = await builtPage()
  served = await startConsole({ databaseUrl: database.ownerUrl, page })
})

afterAll(async () => {
  await served?.stop()
  await database?.drop()
})

const tokenOf = ({ address }: Console) => new URL(address).hash.replace('#token=', '')

/** A request as a browser that was let in would send it; `headers` replace what it sends. */
function ask(
  path: string,
  { method = 'GET', body, headers = {}, at = served }: {
    method?: string
    body?: unknown
    headers?: Record<string, string>
    at?: Console
  } = {},
) {
  const { port, host } = new URL(at.origin)
  return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { host, origin: at.origin, authorization: `Bearer ${tokenOf(at)}`, ...headers },
    }, async (response) => {
      let text = ''
      for await (const part of response.setEncoding('utf8')) text += part
      resolve({ status: response.statusCode ?? 0, text, headers: response.headers })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

describe('who comes in', () => {
  test.each(['/api/overview', '/api/me', '/api/constructor', '/api/'])('nobody without the token: %s', async (path) => {
    const { status, text } = await ask(path, { headers: { authorization: '' } })

    expect(status).toBe(401)
    expect(text).toContain('pnpm console')
    expect(text).not.toContain(tokenOf(served))
  })

  test.each(['/', '/jobs'])('anybody to the page, which has nothing of the project in it: %s', async (path) => {
    const { status, text, headers } = await ask(path, { headers: { authorization: '' } })

    expect(status).toBe(200)
    expect(text).toBe(String(page.get('/index.html')!.body))
    expect(text).not.toContain(tokenOf(served))
    expect(headers).not.toHaveProperty('set-cookie')
  })

  test('nobody with the token of another start', async () => {
    const other = await startConsole({ databaseUrl: database.ownerUrl, page })
    const { status } = await ask('/api/me', { headers: { authorization: `Bearer ${tokenOf(other)}` } })
    await other.stop()

    expect(status).toBe(401)
  })

  test('whoever shows the token', async () => {
    expect((await ask('/api/me')).status).toBe(200)
  })
})

describe('what is answered', () => {
  test('what a path that is not there is missing, as JSON', async () => {
    const { status, text } = await ask('/api/constructor')

    expect(status).toBe(404)
    expect(JSON.parse(text)).toMatchObject({ code: 'SQ404', hint: expect.any(String) })
  })

  test('what a change lacks, and nothing is changed', async () => {
    const { status, text } = await ask('/api/set-concurrency', { method: 'POST', body: { queue: 'q', calls: -1 } })

    expect(status).toBe(422)
    expect(JSON.parse(text)).toMatchObject({ code: 'SQ422', message: expect.stringContaining('calls') })
  })

  test('nothing runs in the page but what is ours, and nothing is kept by the browser', async () => {
    const { headers } = await ask('/')

    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
    expect(headers['cache-control']).toBe('no-store')
  })

  test('that supaqueue is not installed, where it is not', async () => {
    const url = new URL(database.ownerUrl)
    url.pathname = '/postgres'
    const bare = await startConsole({ databaseUrl: url.href, page })
    const { status, text } = await ask('/api/overview', { at: bare })
    await bare.stop()

    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ code: 'SQ404', hint: expect.stringContaining('supaqueue:install') })
  })

  test('that the database does not answer, while it does not, without its password', async () => {
    const cut = await startConsole({ databaseUrl: 'postgresql://me:password@127.0.0.1:9/none', page })
    const { status, text } = await ask('/api/overview', { at: cut })
    await cut.stop()

    expect(status).toBe(500)
    expect(JSON.parse(text).hint).toContain('Is the database running?')
    expect(text).not.toContain('password')
  })
})

test('a console that only looks changes nothing', async () => {
  const db = await database.connect()
  await db.query(`insert into supaqueue.queue (name, edge_function_name) values ('calm', 'hello')`)
  const looking = await startConsole({ databaseUrl: database.ownerUrl, page, readOnly: true })
  const { status, text } = await ask('/api/pause', { method: 'POST', body: { queue: 'calm' }, at: looking })
  const { text: me } = await ask('/api/me', { at: looking })
  await looking.stop()

  expect(status).toBe(403)
  expect(JSON.parse(text).hint).toContain('--read-only')
  expect(JSON.parse(me)).toMatchObject({ readOnly: true })
  expect((await db.query(`select paused from supaqueue.queue where name = 'calm'`)).rows).toEqual([{ paused: false }])
})

test('looks with the rights of service_role, by statements that cannot change anything', async () => {
  const db = await database.connect('admin')
  await ask('/api/overview')
  const { rows } = await db.query(
    `select distinct usename from pg_stat_activity where application_name = 'supaqueue console' and datname = $1`,
    [database.name],
  )
  expect(rows).toHaveLength(1)
  // What a session of the console may do is seen by what it is refused.
  const { openSource } = await import('../../../scripts/console/source.ts')
  const source = openSource(database.ownerUrl)
  const refusals = [
    source.read('delete from supaqueue.queue'),
    source.act('drop table supaqueue.queue'),
  ].map((attempt) => attempt.then(() => '', (reason) => reason.code))
  const codes = await Promise.all(refusals)
  await source.end()

  expect(codes).toEqual(['25006', '42501'])
})

test('the page is smaller than 200 kB, compressed', () => {
  const bytes = [...page.values()].reduce((sum, { zipped }) => sum + zipped.length, 0)

  expect(bytes).toBeLessThan(200_000)
})

test('a port that is taken is refused with a code and what to do', async () => {
  const port = Number(new URL(served.origin).port)

  await expect(startConsole({ databaseUrl: database.ownerUrl, page, port })).rejects.toMatchObject({
    code: 'SQ409',
    hint: expect.stringContaining('--port'),
  })
})
