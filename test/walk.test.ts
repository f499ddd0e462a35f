import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClient } from '../scripts/dev/client.ts'
import { type Stack, startStack } from '../scripts/dev/stack.ts'
import { type Answer, startWitness, type Witness, witnessFunctions } from './support/witness.ts'
import { until } from './support/until.ts'

// The story of a job on a whole stack: Postgres, REST, the dispatcher, and as the user's function `witness`, which tells
// the test of every call and answers what the test wants.

let witness: Witness
let stack: Stack
let db: pg.Client

beforeAll(async () => {
  witness = await startWitness()
  stack = await startStack({
    functions: [witnessFunctions],
    environment: witness.environment,
    postgres: { inMemory: true },
  })
  db = new pg.Client({ connectionString: stack.databaseUrl })
  await db.connect()
})

beforeEach(() => witness.forget())

afterAll(async () => {
  await db?.end()
  await stack?.stop()
  await witness?.close()
})

describe('enqueue', () => {
  test('an insert runs the function once, with the payload as its body', async () => {
    await db.query(`
      insert into supaqueue.queue (edge_function_name) values ('witness');
      insert into supaqueue.worker (queue) select id from supaqueue.queue where name = 'witness';
      insert into supaqueue.job (queue, payload) select id, '{"arg1":"val"}' from supaqueue.queue where name = 'witness';
    `)

    await until(async () => (await row(`select status from supaqueue.job`)).status === 'success')

    expect(witness.calls.map((call) => call.payload)).toEqual([{ arg1: 'val' }])
  })

  test('supabase-js inserts with the secret key', async () => {
    const queue = await makeQueue()

    await openClient(stack, stack.keys.secret)
      .schema('supaqueue').from('job')
      .insert([{ queue, payload: { n: 1 } }, { queue, payload: { n: 2 } }])
      .throwOnError()

    await untilAllEnded(queue)
    expect(witness.calls.map((call) => call.payload.n).sort()).toEqual([1, 2])
  })

  test('with the publishable key nothing can be inserted', async () => {
    const queue = await makeQueue()

    const { error } = await openClient(stack, stack.keys.publishable)
      .schema('supaqueue').from('job')
      .insert({ queue, payload: {} })

    expect(error).toMatchObject({ code: '42501' })
    expect(await row('select count(*)::int from supaqueue.job where queue = $1', [queue])).toEqual({ count: 0 })
  })

  test('a job that is rolled back never was', async () => {
    const queue = await makeQueue()

    await db.query('begin')
    await insertJob(queue, { rolled: 'back' })
    await db.query('rollback')
    await insertJob(queue, { rolled: 'on' })

    await untilAllEnded(queue)
    expect(witness.calls.map((call) => call.payload)).toEqual([{ rolled: 'on' }])
  })
})

describe('dispatch', () => {
  test('a job in progress has a worker, which is locked until the job has ended', async () => {
    const queue = await makeQueue()
    const answer = holdAnswers()
    const worker = () =>
      row(
        `select worker.locked, job.status, current_job.id is not null as paired
         from supaqueue.worker
         join supaqueue.job using (queue)
         left join supaqueue.current_job on current_job.worker = worker.id and current_job.job = job.id
         where worker.queue = $1`,
        [queue],
      )

    await insertJob(queue)
    await untilCalled(1)
    expect(await worker()).toEqual({ locked: true, status: 'in_progress', paired: true })

    answer({})
    await untilAllEnded(queue)
    expect(await worker()).toEqual({ locked: false, status: 'success', paired: false })
  })
})

describe('call', () => {
  test('the function learns which job it is, and gets the secret key', async () => {
    const queue = await makeQueue({ default_headers: { 'x-team': 'mail' }, max_attempts: 5 })
    const job = await insertJob(queue)
    await untilAllEnded(queue)

    const { headers } = witness.calls[0]!
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      apikey: stack.keys.secret,
      'x-team': 'mail',
      'supaqueue-job-id': job,
      'supaqueue-attempt': '1',
      'supaqueue-max-attempts': '5',
      'idempotency-key': `${queue}-${job}`,
    })
    // The gateway would take the secret key for a broken JWT.
    expect(headers).not.toHaveProperty('authorization')
  })
})

describe('report', () => {
  test('what the function answers is kept as the result', async () => {
    const queue = await makeQueue()
    witness.answerWith(({ payload }) => ({ status: 201, body: { doubled: payload.n * 2 } }))

    const job = await insertJob(queue, { n: 21 })
    await untilAllEnded(queue)

    expect(await readJob(job)).toMatchObject({ status: 'success', attempts: 1, result: { doubled: 42 }, error: null })
  })

  test('a job that fails twice succeeds at its third attempt, known by the same key each time', async () => {
    const queue = await makeQueue()
    witness.answerWith(({ headers }) =>
      Number(headers['supaqueue-attempt']) < 3 ? { status: 500 } : { body: 'at last' }
    )

    const job = await insertJob(queue)
    await untilAllEnded(queue)

    expect(await readJob(job)).toMatchObject({ status: 'success', attempts: 3, result: 'at last', error: null })
    expect(witness.calls.map(({ headers }) => headers['supaqueue-attempt'])).toEqual(['1', '2', '3'])
    expect(new Set(witness.calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  })

  test('a job that always fails is failed after its last attempt, and says of what', async () => {
    const queue = await makeQueue({ max_attempts: 2 })
    witness.answerWith(() => ({ status: 422, body: { error: 'no such customer' } }))

    const job = await insertJob(queue)
    await untilAllEnded(queue)

    expect(await readJob(job)).toMatchObject({
      status: 'failed',
      attempts: 2,
      result: null,
      error: 'HTTP 422: {"error":"no such customer"}',
    })
    expect(witness.calls).toHaveLength(2)
  })

  test('end_current_job ends a job while its function runs; what the function answers later changes nothing', async () => {
    const queue = await makeQueue()
    const answer = holdAnswers()
    const job = await insertJob(queue)
    await untilCalled(1)
    const { id } = await row('select id from supaqueue.current_job where job = $1', [job])

    await openClient(stack, stack.keys.secret)
      .rpc('end_current_job', { cur_job_id: id, _is_complete: true, _is_successful: true })
      .throwOnError()
    expect(await readJob(job)).toMatchObject({ status: 'success', attempts: 1, result: null })

    answer({ status: 500, body: 'too late' })
    await insertJob(queue)
    await untilAllEnded(queue)
    expect(await readJob(job)).toMatchObject({ status: 'success', attempts: 1, error: null })
  })

  test('with the publishable key nobody ends a current job', async () => {
    const queue = await makeQueue()
    const answer = holdAnswers()
    const job = await insertJob(queue)
    await untilCalled(1)
    const { id } = await row('select id from supaqueue.current_job where job = $1', [job])

    const { error } = await openClient(stack, stack.keys.publishable)
      .rpc('end_current_job', { cur_job_id: id, _is_complete: true, _is_successful: true })

    expect(error).toMatchObject({ code: '42501' })
    expect(await readJob(job)).toMatchObject({ status: 'in_progress' })
    answer({})
    await untilAllEnded(queue)
  })
})

describe('next', () => {
  test('one worker takes job after job, the highest priority first', async () => {
    const queue = await makeQueue()

    await db.query(
      `insert into supaqueue.job (queue, payload, priority)
       values ($1, '"second"', 5), ($1, '"third"', 0), ($1, '"first"', 9)`,
      [queue],
    )
    await untilAllEnded(queue)

    expect(witness.calls.map((call) => call.payload)).toEqual(['first', 'second', 'third'])
  })
})

// The few words that the story is told in.

async function row(sql: string, values: unknown[] = []) {
  return (await db.query(sql, values)).rows[0]
}

async function makeQueue(settings: Record<string, unknown> = {}, workers = 1): Promise<string> {
  const columns = { name: crypto.randomUUID(), edge_function_name: 'witness', retry_base_ms: 10, ...settings }
  const { id } = await row(
    `insert into supaqueue.queue (${Object.keys(columns)})
     values (${Object.keys(columns).map((_, index) => `$${index + 1}`)}) returning id`,
    Object.values(columns),
  )
  await db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, $2)', [id, workers])
  return id
}

/** Returns the job's id, as a text. */
async function insertJob(queue: string, payload: unknown = {}): Promise<string> {
  const sql = 'insert into supaqueue.job (queue, payload) values ($1, $2) returning id'
  return (await row(sql, [queue, JSON.stringify(payload)])).id
}

const readJob = (id: string) => row('select status, attempts, result, error from supaqueue.job where id = $1', [id])

async function untilAllEnded(queue: string, deadlineMs?: number): Promise<void> {
  const sql = `select exists (
    select from supaqueue.job where queue = $1 and status in ('pending', 'in_progress')
  ) as unfinished`
  await until(async () => !(await row(sql, [queue])).unfinished, deadlineMs)
}

const untilCalled = (times: number) => until(() => Promise.resolve(witness.calls.length === times))

/** Keeps the function waiting; the function that is returned lets it answer. */
function holdAnswers(): (answer: Answer) => void {
  let answer!: (answer: Answer) => void
  const answered = new Promise<Answer>((resolve) => answer = resolve)
  witness.answerWith(() => answered)
  return answer
}
