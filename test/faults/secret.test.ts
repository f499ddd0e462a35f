import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Line, startLine } from './support/line.ts'
import { processes } from './support/processes.ts'
import { openScene, type Scene, until } from './support/scene.ts'

// Every kind of walk, and of wake-up that fails, with somebody listening on each connection. Then the secret is looked for wherever
// it must not be. Beside each search stands one for what must be there, so that a search that finds nothing is none.

const wrongSecret = randomBytes(32).toString('hex')

let wake_ups: Line
let calls: Line
let scene: Scene
let needles: string[]

beforeAll(async () => {
  wake_ups = await startLine()
  calls = await startLine()
  scene = await openScene({
    environment: { SUPABASE_URL: calls.url },
    // As hosted projects log, and some more.
    postgres: { settings: { log_statement: 'ddl', log_min_messages: 'notice', log_connections: 'on' } },
  })
  await wake_ups.leadTo(scene.stack.apiUrl)
  await calls.leadTo(scene.stack.apiUrl)
  await scene.harness.setting('functions_url', `${wake_ups.url}/functions/v1`)
  needles = [scene.stack.secret, wrongSecret].flatMap(disguises)

  await walk()
  await failingWakeUps()
  // One more wake, which stays in pg_net's queue, and one that was answered.
  await scene.stack.net!.pause()
  await scene.job(await scene.queue(), 'waiting')
})

afterAll(async () => {
  scene?.stack.net?.resume()
  await scene?.close()
  await wake_ups?.close()
  await calls?.close()
})

/** How a secret may be written: as it is, as bytea shows it, and as base64 does. */
const disguises = (secret: string) => [
  secret,
  Buffer.from(secret).toString('hex'),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret, 'hex').toString('base64').replace(/=+$/, ''),
]

async function walk() {
  const queue = await scene.queue({ workers: 2, max_attempts: 2 })
  scene.witness.answerWith(({ payload }) => ({ status: payload === 'fails' ? 500 : 200, body: payload }))
  await scene.job(queue, 'succeeds, 4711')
  await scene.job(queue, 'fails')
  await scene.untilEnded(queue)
}

async function failingWakeUps() {
  const admin = await scene.connect(scene.stack.adminUrl)
  const setSecret = (secret: string) =>
    admin.query(`select vault.update_secret(id, $1) from vault.secrets where name = 'supaqueue_secret'`, [secret])
  const refusals = async () => (await scene.db.query('select from net._http_response where status_code = 401')).rowCount

  // Refused by the dispatcher, because the secrets differ.
  await setSecret(wrongSecret)
  await scene.job(await scene.queue())
  await until(async () => await refusals() === 1)
  await setSecret(scene.stack.secret)

  // Raised in the middle of the wake-up, with the secret at hand.
  const rename = (from: string, to: string) => `
    do $$ begin execute (select format('alter function %s rename to ${to}', oid::regprocedure) from pg_proc
      where pronamespace = 'net'::regnamespace and proname = '${from}'); end $$`
  await admin.query(rename('http_post', 'http_post_away'))
  await scene.job(await scene.queue())
  await admin.query(rename('http_post_away', 'http_post'))

  // Lost on its way, and answered by a dispatcher that cannot reach its database.
  await wake_ups.cut()
  const { failed } = scene.stack.net!.counts()
  await scene.job(await scene.queue())
  await until(() => scene.stack.net!.counts().failed > failed)
  await wake_ups.fix()
  scene.stack.rest.faults.refuse = 'unavailable'
  const queue = await scene.queue()
  await scene.job(queue, 'late')
  await until(() => scene.said(/the turn failed/))
  scene.stack.rest.faults.refuse = undefined
  await scene.untilEnded(queue)
}

/** Which tables and views have any of the texts in a row, in any form that Postgres writes it; a search for each name. */
async function searchTables<Name extends string>(searches: Record<Name, string[]>): Promise<Record<Name, string[]>> {
  const admin = await scene.connect(scene.stack.adminUrl)
  const { rows: relations } = await admin.query<{ name: string }>(`
    select oid::regclass::text as name from pg_class
    where relkind in ('r', 'v', 'm', 'p', 'f')
      and oid <> 'vault.decrypted_secrets'::regclass
      -- Shows what pg_catalog shows.
      and relnamespace <> 'information_schema'::regnamespace
    order by 1`)
  const names = Object.keys(searches) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as string[]])) as Record<Name, string[]>
  for (const { name: relation } of relations) {
    const { rows } = await admin.query<{ name: Name }>(
      // But for this search itself, which pg_stat_activity shows.
      `select distinct search.key as name
       from ${relation} as entry, jsonb_each($1) as search, jsonb_array_elements_text(search.value) as needle
       where strpos(entry::text, needle) > 0 and strpos(entry::text, 'jsonb_each($1) as search') = 0`,
      [searches],
    )
    for (const { name } of rows) found[name].push(relation)
  }
  await admin.end()
  return found
}

const mentions = (text: string) => needles.some((needle) => text.includes(needle))

test('is in no table and no view but the one that deciphers it; nor are the keys of the project', async () => {
  const { secret, serviceRole, jwtSecret } = scene.stack.keys

  const found = await searchTables({
    payload: ['succeeds, 4711'],
    wake: [Buffer.from('"nonce"').toString('hex')],
    answer: ['"SQ401"'],
    secret: needles,
    keys: [secret, serviceRole, jwtSecret].flatMap((key) => [key, Buffer.from(key).toString('hex')]),
  })

  // Our REST writes a request's headers and body into its statements, where PostgREST has parameters.
  for (const name of ['keys', 'payload'] as const) {
    found[name] = found[name].filter((relation) => relation !== 'pg_stat_activity')
  }
  expect(found).toEqual({
    payload: ['supaqueue.job'],
    wake: ['net.http_request_queue'],
    answer: ['net._http_response'],
    secret: [],
    keys: [],
  })
})

test('is in no line of a log', () => {
  const server = readFileSync(scene.stack.postgres!.log, 'utf8')
  const functions = scene.lines.join('\n')

  expect(server).toMatch(/supaqueue cannot wake its dispatcher: /)
  expect(functions).toMatch(/"reason":"asleep"/)
  expect(functions).toMatch(/the turn failed/)
  expect([server, functions].filter(mentions)).toEqual([])
})

test('is on no command line', () => {
  const commands = processes().map(({ command }) => command)

  expect(commands.some((command) => command.includes('functions/supaqueue/index.ts'))).toBe(true)
  expect(commands.some((command) => command.includes('port='))).toBe(true)
  expect(commands.filter(mentions)).toEqual([])
})

test('is in no HTTP request and no answer, neither of wake-ups nor of turns nor of calls', () => {
  const all = [...wake_ups.heard(), ...calls.heard()]

  expect(all.some((text) => /supaqueue-signature: v1=/i.test(text))).toBe(true)
  expect(all.some((text) => text.includes('"code":"SQ401"'))).toBe(true)
  expect(all.some((text) => text.includes('POST /rest/v1/rpc/supaqueue_turn'))).toBe(true)
  expect(all.some((text) => text.includes('POST /functions/v1/witness'))).toBe(true)
  expect(all.filter(mentions)).toEqual([])
  expect(scene.witness.calls.filter((call) => mentions(JSON.stringify(call)))).toEqual([])
})

test('has company: the keys of the project are in no log, on no command line and in no wake-up either', () => {
  const { secret, serviceRole, jwtSecret } = scene.stack.keys
  const keys = [secret, serviceRole, jwtSecret]
  const texts = [
    readFileSync(scene.stack.postgres!.log, 'utf8'),
    ...scene.lines,
    ...processes().map(({ command }) => command),
    ...wake_ups.heard(),
  ]

  expect(texts.filter((text) => keys.some((key) => text.includes(key)))).toEqual([])
})
