import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '../../../../scripts/dev/stack.ts'
import { until } from '../../../support/until.ts'

// A task on a whole stack: from a POST at the door to a call of somebody's API, and back to its status.

type Heard = { path: string; method: string; team: unknown; body: string }

let stack: Stack
let db: pg.Client
let target: string
const heard: Heard[] = []
/** What the API does with a path: an HTTP status, or nothing at all. */
const says: Record<string, number | 'silence'> = {}

const server = createServer(async (request, response) => {
  const path = request.url ?? ''
  heard.push({ path, method: request.method ?? '', team: request.headers['x-team'], body: await text(request) })
  const word = says[path] ?? 200
  if (word !== 'silence') response.writeHead(word).end('{}')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stack = await startStack({ pacing: false, postgres: { inMemory: true } })
  db = new pg.Client({ connectionString: stack.databaseUrl })
  await db.connect()
  await db.query(`insert into supaqueue.setting (name, value) values ('allow_private_targets', 'on')`)
})
afterAll(async () => {
  await db?.end()
  await stack?.stop()
  server.closeAllConnections()
  server.close()
})

async function send(path: string, body?: unknown) {
  const response = await fetch(`${stack.apiUrl}/functions/v1/supaqueue-api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${stack.keys.secret}` },
    ...body !== undefined && { body: JSON.stringify(body) },
  })
  return { status: response.status, body: await response.json() }
}

type Status = { status: string; error: string; attempt: number; message_id: number }

/** The statuses of a task once none of them is pending. */
async function ended(task: string): Promise<Status[]> {
  let statuses: Status[] = []
  await until(async () => {
    statuses = (await send(`/tasks/${task}`)).body.statuses
    return statuses.every(({ status }) => status !== 'pending')
  })
  return statuses
}

describe('a task', () => {
  test('T1: has its payloads delivered to any API, with the method and headers of the client', async () => {
    const { body: { task_id } } = await send('/tasks', {
      task_type: 'delivered',
      url: `${target}/first`,
      method: 'PUT',
      headers: { 'X-Team': 'mail' },
      payloads: [
        { data: { n: 1 } },
        { data: { n: 2 }, api_override: { url: `${target}/second`, headers: { 'x-team': 'sales' } } },
      ],
    })

    expect((await ended(task_id)).map(({ status, attempt }) => [status, attempt])).toEqual([['success', 0], [
      'success',
      0,
    ]])
    expect(heard.toSorted((one, other) => one.path < other.path ? -1 : 1)).toEqual([
      { path: '/first', method: 'PUT', team: 'mail', body: '{"n": 1}' },
      { path: '/second', method: 'PUT', team: 'sales', body: '{"n": 2}' },
    ])
  })

  test('T18, T19: fails after its retries, and is delivered once it is reprocessed', async () => {
    says['/ill'] = 500
    const { body: { task_id, message_ids } } = await send('/tasks', {
      task_type: 'failing',
      max_retries: 2,
      retry_delay: 1,
      url: `${target}/ill`,
      payloads: [{ data: {} }],
    })
    const [failed] = await ended(task_id)
    says['/ill'] = 200

    const { body } = await send('/dlq/reprocess', { task_type: 'failing' })

    expect(failed).toMatchObject({ status: 'failed', attempt: 2, message_id: message_ids[0] })
    expect(body).toEqual({ reprocessed_count: 1, message_ids: [expect.any(Number)] })
    expect(await ended(task_id)).toMatchObject([{ status: 'success', attempt: 0, message_id: body.message_ids[0] }])
  })

  test('T3, T18: of an API that cannot be reached fails after its retries, and the others of its type are delivered', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const at = (url: string) => [1, 2, 3].map((n) => ({ data: n, api_override: { url } }))
    const { body: { task_id } } = await send('/tasks', {
      task_type: 'mixed',
      max_retries: 1,
      retry_delay: 1,
      url: `${target}/good`,
      payloads: [...at(`http://127.0.0.1:${port}/gone`), ...at('http://nowhere.invalid/gone'), { data: 4 }],
    })
    const after = await send('/tasks', { task_type: 'mixed', url: `${target}/good`, payloads: [{ data: 5 }] })

    expect(await ended(after.body.task_id)).toMatchObject([{ status: 'success', attempt: 0 }])
    expect((await ended(task_id)).map(({ status, attempt }) => [status, attempt])).toEqual([
      ...Array(6).fill(['failed', 1]),
      ['success', 0],
    ])
    expect((await send('/dlq/reprocess', { task_type: 'mixed' })).body).toMatchObject({ reprocessed_count: 6 })
  })

  test('T18: says timeout of a call that was not answered in time', async () => {
    says['/silent'] = 'silence'

    const { body: { task_id } } = await send('/tasks', {
      task_type: 'silent',
      max_retries: 0,
      timeout: 200,
      url: `${target}/silent`,
      payloads: [{ data: {} }],
    })

    expect(await ended(task_id)).toMatchObject([{ status: 'failed', error: 'timeout', attempt: 0 }])
  })
})
