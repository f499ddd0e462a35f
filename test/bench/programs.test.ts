import type { ChildProcess } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endProgram, nextMessage, startProgram } from '../../bench/contenders/program.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

// The peers' processes. They run under this Node here; the bench has one that is new enough for them.

let database: TestDatabase
let server: Server
let url: string
let calls = 0
const children: ChildProcess[] = []

beforeEach(async () => {
  database = await testDatabase()
  calls = 0
  // The first call breaks, as calls do on a busy machine.
  server = createServer((request, response) => {
    if (++calls === 1) return void request.socket.destroy()
    request.resume()
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterEach(async () => {
  for (const child of children.splice(0)) await endProgram(child)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await database?.drop()
})

const program = (name: string) => new URL(`../../bench/contenders/${name}.program.ts`, import.meta.url)
const about = () => ({ databaseUrl: database.ownerUrl, url, headers: {}, parallelism: 4, jobs: 20 })

async function start(name: string, more: object): Promise<ChildProcess> {
  const child = await startProgram(program(name), { ...about(), ...more }, process.execPath)
  children.push(child)
  return child
}

test.for([true, false])('graphile-worker tries a call again that broke, batched: %s', async (batched) => {
  const child = await start('graphile_worker', { batched })
  const db = await database.connect('owner')
  await db.query(
    `select count(*) from graphile_worker.add_jobs(array(
       select ('call', '{}'::json, null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, 20)
     ))`,
  )

  expect(await nextMessage(child)).toEqual({ completed: 20, failed: 1 })
  expect(calls).toBe(21)
})

test('pg-boss does its jobs, and tries a batch again whose call broke', async () => {
  const child = await start('pg_boss', { payload: '{}', perCall: 1 })

  expect(await nextMessage(child)).toEqual({ ms: expect.any(Number) })
  expect(calls).toBeGreaterThan(20)
})

test.for([
  ['calls that share a fetch', { perCall: 5, ownBatch: false }] as const,
  ['a fetch of its own', { perCall: 5, ownBatch: true }] as const,
])('pg-boss calls with several jobs, and tries a batch again whose call broke (%s)', async ([, how]) => {
  const child = await start('pg_boss', { payload: '{}', ...how })

  expect(await nextMessage(child)).toEqual({ ms: expect.any(Number) })
  // Four would do for twenty jobs, and the first one broke.
  expect(calls).toBeGreaterThan(4)
  expect(calls).toBeLessThan(20)
})

test('a program that ends instead of answering is told of with what it said', async () => {
  const started = start('graphile_worker', { databaseUrl: database.ownerUrl.replace(/:\d+\//, ':1/') })

  await expect(started).rejects.toThrow(/graphile_worker.program.ts ended with 1.*ECONNREFUSED/s)
})
