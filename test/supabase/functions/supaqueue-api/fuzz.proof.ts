import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApiDocument } from '../../../../supabase/functions/supaqueue-api/openapi.ts'
import { type Fuzzed, requests } from './support/arbitrary.ts'
import { type Door, openDoor } from './support/door.ts'
import { deviations, type Document, resolve } from './support/schema.ts'

const document = openApiDocument() as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
)
const seed = Number(process.env.SUPAQUEUE_FUZZ_SEED) || Math.floor(Math.random() * 2 ** 31)
const PER_OPERATION = 160

let door: Door
const known: Record<string, unknown[]> = {}

/** Queues, jobs in every status, batches and failures for the requests to meet. */
beforeAll(async () => {
  door = await openDoor()
  for (let i = 0; i < 3; i++) {
    const name = `queue ${i}`
    await door.db.query(
      `insert into supaqueue.queue (name, ${i === 0 ? 'edge_function_name' : 'url'}) values ($1, $2)`,
      [name, i === 0 ? 'hello' : 'https://api.example.com/v1'],
    )
    await door.send('/batches', {
      body: { queue: name, label: 'b', jobs: Array.from({ length: 30 }, (_, n) => ({ payload: n })) },
    })
  }
  await door.db.query(`
    update supaqueue.job set
      status = (array['pending', 'held', 'success', 'failed', 'cancelled']::supaqueue.job_status[])[1 + id % 5],
      error = 'HTTP 500: user ' || id, result = '{"a": 1}', progress_percent = 12.5, progress_note = 'half'`)
  await door.db.query(`
    insert into supaqueue.attempt (job, attempt, outcome, status, error, ended_at)
    select id, 1, 'failed', 500, 'HTTP 500: user ' || id, now() from supaqueue.job where status = 'failed'`)
  const { rows: jobs } = await door.db.query('select id from supaqueue.job order by id limit 25')
  const { rows: batches } = await door.db.query('select id from supaqueue.batch')
  const queues = ['queue 0', 'queue 1', 'queue 2']
  for (const name of ['queue', 'name', 'task_type']) known[name] = queues
  for (const name of ['task_id', 'batch']) known[name] = batches.map(({ id }) => id)
  known.id = [...jobs.map(({ id }) => id), ...known.batch!]
  known.before = jobs.map(({ id }) => id)
  known.depends_on = [[], jobs.slice(0, 2).map(({ id }) => id)]
  known.headers = [{ 'x-a': '1' }, { 'X-A': '2', 'x-b': 'ä' }]
  known.url = ['https://api.example.com/v1/x', undefined]
  // What no queue here takes.
  for (const name of ['debounce_ms', 'max_wait_ms', 'throttle_ms']) known[name] = [undefined]
  known['idempotency-key'] = ['once', 'twice', randomUUID()]
})
afterAll(() => door?.close())

/** What is wrong with the answer to a request, by the document. */
async function wrongs({ operation }: (typeof operations)[number], request: Fuzzed): Promise<string[]> {
  const { status, headers, body } = await door.send(request.path, request)
  seen.set(status, (seen.get(status) ?? 0) + 1)
  if (status >= 500) return [`answered ${status}: ${JSON.stringify(body)}`]
  const promised = operation.responses[status]
  if (!promised) return [`answered ${status}, which is not in the document: ${JSON.stringify(body)}`]
  const type = headers.get('content-type')?.split(';')[0] ?? ''
  const schema = resolve(document, promised).content?.[type]?.schema
  return schema ? deviations(document, schema, body) : [`answered with ${type}, which is not in the document`]
}

const seen = new Map<number, number>()

// First, since the next one changes what it meets: a queue that takes no payload any more takes no job.
test('every operation answers well when it is asked well', async () => {
  const fine = new Set<string>()
  for (const { path, method, operation } of operations) {
    const arbitrary = requests(document, path, method.toUpperCase(), operation, (name) => known[name] ?? [])
    for (const request of fc.sample(arbitrary, { numRuns: 100, seed: 1 })) {
      const { status } = await door.send(request.path, { ...request, headers: {} })
      if (status < 300) fine.add(operation.operationId)
      if (fine.has(operation.operationId)) break
    }
  }

  expect(operations.map(({ operation }) => operation.operationId).filter((id) => !fine.has(id))).toEqual([])
})

test('thousands of requests of every kind, and no 5xx, nor an answer that the document does not describe', async () => {
  let sent = 0
  for (const target of operations) {
    const { path, method, operation } = target
    const arbitrary = requests(document, path, method.toUpperCase(), operation, (name) => known[name] ?? [])
    for (const request of fc.sample(arbitrary, { numRuns: PER_OPERATION, seed: seed + sent })) {
      sent += 1
      expect(await wrongs(target, request), `seed ${seed}: ${JSON.stringify(request)}`).toEqual([])
    }
  }

  expect(sent).toBeGreaterThan(3000)
  expect(door.logged).toEqual([])
  // A fuzz that is refused at the door has tried nothing.
  for (const status of [200, 201, 404, 409, 422]) expect(seen.get(status) ?? 0, `${status}`).toBeGreaterThan(10)
})
