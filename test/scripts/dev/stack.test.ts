import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '../../../scripts/dev/stack.ts'
import { testDatabase } from '../../support/database.ts'
import { isAlive } from './support/edge.ts'
import { until } from '../../support/until.ts'

/** Whether somebody listens on this port of 127.0.0.1. */
const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

const greet = `
  with queue as (insert into supaqueue.queue (name, edge_function_name) values ('greetings', 'hello') returning id),
    worker as (insert into supaqueue.worker (queue) select id from queue)
  insert into supaqueue.job (queue, payload) select id, '{"arg1":"val"}' from queue returning id`
const finished = (url: string) =>
  until(async () =>
    (await query(url, `select status, attempts, result from supaqueue.job where status in ('success', 'failed')`))[0]
  )

const folder = mkdtempSync(join(tmpdir(), 'stack-test-'))
const functions = {
  environment: 'Deno.serve(() => Response.json(Deno.env.toObject()))',
  pid: 'Deno.serve(() => new Response(String(Deno.pid)))',
}
for (const [name, source] of Object.entries(functions)) {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'index.ts'), source)
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a stack with everything of its own', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack({ functions: [folder], pacing: false, environment: { MINE: 'yes' } })
  })
  afterAll(() => stack.stop())

  test('carries a job from an insert to the function and back', async () => {
    await query(stack.databaseUrl, greet)

    expect(await finished(stack.databaseUrl)).toEqual({ status: 'success', attempts: 1, result: { arg1: 'val' } })
    expect(stack.edge.counts()).toMatchObject({ hello: 1 })
  })

  test('gives functions the variables of a project in both generations, and the secret', async () => {
    const headers = { apikey: stack.keys.secret }

    const environment = await (await fetch(`${stack.apiUrl}/functions/v1/environment`, { headers })).json()

    expect(environment).toMatchObject({
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_DB_URL: stack.databaseUrl,
      SUPABASE_ANON_KEY: stack.keys.anon,
      SUPABASE_SERVICE_ROLE_KEY: stack.keys.serviceRole,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.keys.publishable }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.keys.secret }),
      SUPAQUEUE_SECRET: stack.secret,
      MINE: 'yes',
    })
  })

  test('has the same secret in Vault, and the address of the functions among the settings', async () => {
    const [found] = await query(
      stack.adminUrl,
      `select
        (select decrypted_secret from vault.decrypted_secrets where name = 'supaqueue_secret') as secret,
        (select value from supaqueue.setting where name = 'functions_url') as url`,
    )

    expect(stack.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(found).toEqual({ secret: stack.secret, url: `${stack.apiUrl}/functions/v1` })
  })

  test('checks keys for the functions that do not say otherwise', async () => {
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${stack.apiUrl}/functions/v1/environment`, { headers })).status

    expect(await status({})).toBe(401)
    expect(await status({ authorization: `Bearer ${stack.keys.anon}` })).toBe(200)
  })
})

test('stops without leaving a process or a port behind, and twice is as good as once', async () => {
  const stack = await startStack({ functions: [folder] })
  const headers = { apikey: stack.keys.secret }
  const isolate = Number(await (await fetch(`${stack.apiUrl}/functions/v1/pid`, { headers })).text())
  const server = stack.postgres?.pid as number
  const ports = [Number(new URL(stack.apiUrl).port), stack.postgres?.port as number]
  expect([isolate, server].map(isAlive)).toEqual([true, true])

  await Promise.all([stack.stop(), stack.stop()])
  await stack.stop()

  expect([isolate, server].map(isAlive)).toEqual([false, false])
  expect(await Promise.all(ports.map(listens))).toEqual([false, false])
})

test('takes the port it had again at once', async () => {
  const first = await startStack()
  await fetch(first.apiUrl)
  const port = Number(new URL(first.apiUrl).port)
  await first.stop()

  const second = await startStack({ port })

  expect(second.apiUrl).toBe(first.apiUrl)
  await second.stop()
})

test('has no trace of the legacy keys where they are switched off, and works all the same', async () => {
  const stack = await startStack({ functions: [folder], pacing: false, legacyKeys: false, rest: 'thin' })
  const status = async (key: string) =>
    (await fetch(`${stack.apiUrl}/rest/v1/rpc/supaqueue_turn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', apikey: key },
      body: '{"request":{}}',
    })).status
  const headers = { apikey: stack.keys.secret }

  const environment = await (await fetch(`${stack.apiUrl}/functions/v1/environment`, { headers })).json()
  await query(stack.databaseUrl, greet)

  expect(environment).toHaveProperty('SUPABASE_SECRET_KEYS')
  expect(environment).not.toHaveProperty('SUPABASE_ANON_KEY')
  expect(environment).not.toHaveProperty('SUPABASE_SERVICE_ROLE_KEY')
  expect([await status(stack.keys.serviceRole), await status(stack.keys.secret)]).toEqual([401, 200])
  expect(await finished(stack.databaseUrl)).toMatchObject({ status: 'success' })
  await stack.stop()
})

describe('with a database that is there', () => {
  test('uses it, does not end it, and may be started again on what it left', async () => {
    const database = await testDatabase('template1')
    const options = { databaseUrl: database.adminUrl, pacing: false }

    const first = await startStack(options)
    await query(first.databaseUrl, greet)
    await finished(first.databaseUrl)
    await first.stop()
    const second = await startStack(options)
    const found = await finished(second.databaseUrl)
    await second.stop()

    expect(first.postgres).toBeUndefined()
    expect(first.standins).toEqual({ net: 'stand-in', vault: 'stand-in', cron: 'stand-in' })
    expect(found).toMatchObject({ status: 'success' })
    await database.drop()
  })

  test('says so when it does not let us in, and leaves nothing running', async () => {
    const port = await aFreePort()

    await expect(startStack({ port, databaseUrl: 'postgresql://nobody:wrong@127.0.0.1:9/nothing' }))
      .rejects.toMatchObject({ code: 'SQ504', hint: expect.stringContaining('password') })
    expect(await listens(port)).toBe(false)
  })
})

async function aFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
