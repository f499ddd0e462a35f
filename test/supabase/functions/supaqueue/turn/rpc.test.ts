import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { rpc } from '../../../../../supabase/functions/supaqueue/turn/rpc.ts'
import { openDatabase } from '../../../../../supabase/functions/supaqueue/turn/transport.ts'
import type { TurnRequest } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { serve, type Server } from '../support/server.ts'

const request: TurnRequest = {
  run: randomUUID(),
  queue: randomUUID(),
  reports: [],
  room: 25,
  sleepy: false,
  stop: false,
  retire: false,
  have: null,
  hello: true,
  called: [],
  max_bytes: 4_000_000,
  turns: 1,
}

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function open(
  answer: (response: ServerResponse) => unknown,
  { key = 'sb_secret_1', timeoutMs }: { key?: string; timeoutMs?: number } = {},
) {
  const server = await serve(answer)
  servers.push(server)
  return { database: openDatabase(rpc({ supabaseUrl: server.url, key, fetch, timeoutMs })), heard: server.heard }
}

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

describe('a turn', () => {
  test('is one call of public.supaqueue_turn with the key of the project', async () => {
    const { database, heard } = await open(json(200, { now_ms: 1, state: 'leave', leader: false, jobs: [] }))

    const answer = await database.takeTurn(request)

    expect(heard).toMatchObject([{ method: 'POST', path: '/rest/v1/rpc/supaqueue_turn' }])
    expect(heard[0]!.headers).toMatchObject({ apikey: 'sb_secret_1', 'content-profile': 'public' })
    expect(heard[0]!.headers).not.toHaveProperty('authorization')
    expect(JSON.parse(heard[0]!.body)).toEqual({ request })
    expect(answer).toMatchObject({ state: 'leave', leader: false, jobs: [], again: [], stale: [] })
  })

  test('shows a key that is a JWT as a bearer token, too', async () => {
    const { database, heard } = await open(json(200, { now_ms: 1 }), { key: 'eyJhbGciOi.e30.x' })

    await database.clock()

    expect(heard[0]!.headers).toMatchObject({ apikey: 'eyJhbGciOi.e30.x', authorization: 'Bearer eyJhbGciOi.e30.x' })
  })

  test('that is not answered is given up, and may be taken again', async () => {
    const { database } = await open(() => {}, { timeoutMs: 20 })

    await expect(database.takeTurn(request)).rejects.toMatchObject({
      code: 'SQ503',
      message: expect.stringContaining('TimeoutError'),
      details: { passing: true },
    })
  })

  test('tells no more of a page that somebody else answers with than is needed to know it', async () => {
    const { database } = await open((response) => response.writeHead(502).end(`<html>${'x'.repeat(100_000)}`))

    const { message } = await database.takeTurn(request).catch((reason) => reason)

    expect(message).toContain('<html>')
    expect(message.length).toBeLessThan(1000)
  })

  test.each([
    ['the function is missing', json(404, { code: 'PGRST202', message: 'not found' }), 'SQ404', false],
    [
      'the function is gone since it was last looked for',
      json(404, { code: '42883', message: 'function public.supaqueue_turn(request => jsonb) does not exist' }),
      'SQ404',
      false,
    ],
    [
      'a function that it calls is missing',
      json(404, { code: '42883', message: 'function supaqueue_internal.lead(uuid) does not exist' }),
      '42883',
      true,
    ],
    ['the key is refused', json(401, { message: 'Invalid API key' }), 'SQ401', false],
    ['the role may not', json(403, { code: '42501', message: 'permission denied' }), 'SQ403', false],
    ['the database is away', json(503, { code: 'PGRST002', message: 'no connection' }), 'PGRST002', true],
    ['a statement took too long', json(500, { code: '57014', message: 'canceling statement' }), '57014', true],
    ['the answer is empty', (response: ServerResponse) => response.writeHead(404).end(), 'SQ503', true],
    ['the answer is cut', (response: ServerResponse) => response.writeHead(200).end('{"now_ms": 1'), 'SQ503', true],
    ['the answer is no JSON', (response: ServerResponse) => response.writeHead(502).end('<html>'), 'SQ503', true],
    ['the connection breaks', (response: ServerResponse) => response.destroy(), 'SQ503', true],
    ['the answer is of another version', json(200, { now_ms: 1, state: 'dancing', leader: true }), 'SQ422', false],
    [
      'jobs come without their queue',
      json(200, {
        now_ms: 1,
        state: 'awake',
        leader: true,
        jobs: [{ current_job: { id: randomUUID() }, job: { id: 1, payload: '{}', attempts: 1 } }],
      }),
      'SQ422',
      false,
    ],
  ])('fails with code, message and hint when %s', async (_, answer, code, passing) => {
    const { database } = await open(answer)

    await expect(database.takeTurn(request)).rejects.toMatchObject({
      code,
      details: { passing },
      message: expect.any(String),
      hint: expect.stringMatching(/./),
    })
  })
})

test.each([
  ['a statement that took too long passes', 500, '57014', /usually passes/],
  ['a schema that is served and not there is named', 503, 'PGRST002', /schema.*missing.*doctor/],
  ['what somebody else raises is not said to pass', 400, 'P0001', /tries again.*trigger.*db_pre_request/],
  ['nor is a refusal taken for a wrong key alone', 403, '42501', /service_role.*db_pre_request/],
])('%s', async (_, status, code, hint) => {
  const { database } = await open(json(status, { code, message: 'what happened', hint: null }))

  const failed = await database.takeTurn(request).catch((reason) => reason)

  expect(failed.hint).toMatch(hint)
  if (code !== '57014') expect(failed.hint).not.toMatch(/usually passes/)
})

test('the clock is asked by a request without a queue', async () => {
  const { database, heard } = await open(json(200, { now_ms: 1234.5 }))

  expect(await database.clock()).toBe(1234.5)
  expect(JSON.parse(heard[0]!.body)).toEqual({ request: {} })
})
