import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blocksOf, readPage } from '../../../support/markdown.ts'
import { type Door, openDoor } from './support/door.ts'

const blocks = blocksOf(readPage('docs/reference/http-api.md'))
const commands = blocks.filter(({ code }) => code.startsWith('curl')).map(({ code }) => code)

let door: Door

beforeAll(async () => {
  door = await openDoor({ deno: true })
})
afterAll(() => door?.close())

/** What a command of the page gets, run in a shell with the key of its reader, at a door that is there. */
async function run(command: string, key: string): Promise<unknown> {
  const here = command.replace('https://<ref>.supabase.co/functions/v1/supaqueue-api', door.url)
  const { stdout } = await promisify(execFile)('sh', ['-c', here.replace('curl', 'curl --silent')], {
    env: { PATH: process.env.PATH, KEY: key },
  })
  return JSON.parse(stdout)
}

test('the first example of the page enqueues a job, with the key that its SQL makes', async () => {
  await door.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('emails', 'hello')`)
  const sql = blocks.find(({ language }) => language === 'sql')!.code
  const { rows: [{ create_api_key: key }] } = await door.db.query(sql)

  const answer = await run(commands[0]!, key)

  expect(answer).toEqual({ id: expect.any(Number) })
  const { rows } = await door.db.query('select id, payload from supaqueue.job')
  expect(rows).toEqual([{ ...answer as object, payload: { to: 'a@example.com' } }])
})

test('the second one takes a task', async () => {
  expect(await run(commands[1]!, door.keys.secret)).toEqual({
    task_id: expect.any(String),
    message_ids: [expect.any(Number), expect.any(Number)],
  })
  expect(commands).toHaveLength(2)
})
