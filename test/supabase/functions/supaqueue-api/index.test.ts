import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, openDoor } from './support/door.ts'

const run = promisify(execFile)

let door: Door

// The function itself, under Deno, behind the gateway of a project.
beforeAll(async () => {
  door = await openDoor({ deno: true })
})
afterAll(() => door?.close())

/** What curl gets: the status and the body. */
async function curl(...args: string[]): Promise<{ status: number; body: unknown }> {
  const { stdout } = await run('curl', ['--silent', '--write-out', '\n%{http_code}', ...args], {
    env: { PATH: process.env.PATH },
  })
  const [, body, status] = /^([\s\S]*)\n(\d+)$/.exec(stdout)!
  return { status: Number(status), body: JSON.parse(body!) }
}

const post = (path: string, body: unknown) =>
  curl(
    ...['-X', 'POST', `${door.url}${path}`, '-H', 'Content-Type: application/json'],
    ...['-H', `Authorization: Bearer ${door.keys.secret}`, '-d', JSON.stringify(body)],
  )
const get = (path: string) => curl(`${door.url}${path}`, '-H', `Authorization: Bearer ${door.keys.secret}`)

describe('the samples of pgmq-taskq, sent with curl', () => {
  test('get the answers that taskq gives, from a new task to a reprocessed message', async () => {
    const ids = (await door.db.query(`select last_value from pg_sequences where sequencename = 'job_id_seq'`)).rows[0]
    const first = Number(ids.last_value ?? 0) + 1
    const times = { created_at: expect.any(String), updated_at: expect.any(String) }

    expect(await post('/task-types', { task_type: 'email', max_rps: 10.0 }))
      .toEqual({ status: 200, body: { task_type: 'email', max_rps: 10, ...times } })
    expect(await get('/task-types/email')).toEqual({ status: 200, body: { task_type: 'email', max_rps: 10, ...times } })

    const taken = await post('/tasks', {
      item_id: 'item123',
      task_type: 'email',
      max_retries: 3,
      retry_delay: 1000,
      url: 'https://api.example.com/send',
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      payloads: [
        { data: { to: 'a@example.com' } },
        { data: { to: 'b@example.com' } },
        { data: { to: 'c@example.com' }, api_override: { url: 'https://api.example.com/v2/send' } },
      ],
    })
    expect(taken).toEqual({
      status: 201,
      body: { task_id: expect.any(String), message_ids: [first, first + 1, first + 2] },
    })
    const { task_id } = taken.body as { task_id: string }

    await door.db.query(`update supaqueue.job set status = 'success', attempts = 1 where id = $1`, [first])
    await door.db.query(
      `update supaqueue.job set status = 'failed', attempts = 4, error = 'no answer within 5000 ms' where id = $1`,
      [first + 2],
    )
    const row = { item_id: 'item123', task_type: 'email', updated_at: expect.any(String) }
    const statuses = [
      {
        ...row,
        message_id: first,
        payload: { to: 'a@example.com' },
        status: 'success',
        error: '',
        attempt: 0,
        payload_id: 0,
      },
      {
        ...row,
        message_id: first + 1,
        payload: { to: 'b@example.com' },
        status: 'pending',
        error: '',
        attempt: 0,
        payload_id: 1,
      },
      {
        ...row,
        message_id: first + 2,
        payload: { to: 'c@example.com' },
        status: 'failed',
        error: 'timeout',
        attempt: 3,
        payload_id: 2,
      },
    ]
    expect(await get(`/tasks/${task_id}`)).toEqual({ status: 200, body: { task_id, statuses } })

    expect(await post('/dlq/reprocess', { task_type: 'email' }))
      .toEqual({ status: 200, body: { reprocessed_count: 1, message_ids: [first + 3] } })
    expect(await get(`/tasks/${task_id}`)).toMatchObject({
      body: { statuses: [{}, {}, { message_id: first + 3, status: 'pending', attempt: 0, payload_id: 2 }] },
    })
  })
})

test('is closed to whoever has no key', async () => {
  expect(await curl(`${door.url}/task-types/email`)).toMatchObject({ status: 401, body: { code: 'SQ401' } })
})
