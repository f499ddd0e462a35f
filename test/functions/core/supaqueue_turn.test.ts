import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../support/refusal.ts'
import { harness as harnessOf, test } from '../../support/harness.ts'

const run = randomUUID()

describe('a turn', () => {
  test('brings the queue, and each job with its token and the text of its payload, in the order to begin them', async ({ harness }) => {
    const queue = await harness.queue({
      workers: 3,
      name: 'mail',
      edge_function_name: 'send',
      default_headers: { a: 'b' },
    })
    await harness.turn(run, queue)
    const [low, high] = [
      await harness.job(queue),
      await harness.job(queue, { priority: 4, due: '-1 minute', payload: { to: 'me' } }),
    ]

    const answer = await harness.turn(run, queue, { room: 5 })

    expect(answer.queue).toMatchObject({
      id: queue,
      name: 'mail',
      edge_function_name: 'send',
      default_headers: { a: 'b' },
      timeout_ms: 60_000,
    })
    expect(answer.jobs.map((entry) => entry.job.id)).toEqual([high, low])
    const { id, lease_until } = await harness.currentJob(high)
    expect(answer.jobs[0]!.current_job.id).toBe(id)
    expect(new Date(answer.jobs[0]!.current_job.lease_until)).toEqual(lease_until)
    expect(answer.jobs[0]!.job).toEqual({ id: high, payload: '{"to": "me"}', attempts: 1 })
  })

  test('loses no digit of a payload', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [
      queue,
      '{"n": 12345678901234567890.123456789}',
    ])

    const [entry] = await harness.take(run, queue)

    expect(entry!.job.payload).toBe('{"n": 12345678901234567890.123456789}')
  })

  test('loses no digit of what the last slice handed on, nor of the payload beside it', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.db.query('insert into supaqueue.job (queue, payload, state) values ($1, $2, $3)', [
      queue,
      '{"n": 12345678901234567890.123456789}',
      '{"next": 98765432109876543210.5}',
    ])

    const [entry] = await harness.take(run, queue)

    expect(entry!.job).toMatchObject({
      payload: '{"n": 12345678901234567890.123456789}',
      state: '{"next": 98765432109876543210.5}',
    })
  })

  test('brings no queue when it brings no job', async ({ harness }) => {
    expect(await harness.turn(run, await harness.queue())).toMatchObject({ queue: null, jobs: [] })
  })

  test('brings nothing to a run without room', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)

    expect((await harness.turn(run, queue)).jobs).toEqual([])
  })

  test('says the time of the database', async ({ harness }) => {
    const { now_ms } = await harness.turn(run, await harness.queue())

    const { rows: [{ age }] } = await harness.db.query(
      'select extract(epoch from clock_timestamp())::float * 1000 - $1 as age',
      [now_ms],
    )
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(5000)
  })

  test('brings the settings when they are asked for, and only then', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.setting('linger_ms', '300')

    expect((await harness.turn(run, queue, { hello: true })).settings).toMatchObject({
      linger_ms: '300',
      functions_url: 'http://127.0.0.1:9/functions/v1',
    })
    expect((await harness.turn(run, queue)).settings).toBe(null)
  })

  test('begins no claim of a queue that was paused meanwhile', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.update('queue', queue, { paused: true })

    expect(await harness.take(run, queue)).toEqual([])

    await harness.update('queue', queue, { paused: false })
    expect(await harness.take(run, queue)).toHaveLength(1)
  })

  test('begins no new job of a paused queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const job = await harness.job(queue)

    expect((await harness.turn(run, queue, { room: 5 })).jobs).toEqual([])

    expect((await harness.jobRow(job)).status).toBe('pending')
  })

  test('of a queue that was deleted tells the run to leave, and that every report is stale', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const [entry] = await harness.take(run, queue)
    await harness.delete('queue', queue)

    expect(
      await harness.turn(run, queue, {
        reports: [{ token: entry!.current_job.id, outcome: 'success' }],
        room: 5,
      }),
    ).toMatchObject({ state: 'leave', leader: false, jobs: [], queue: null, stale: [entry!.current_job.id] })
  })

  test('without a queue only tells the time', async ({ harness }) => {
    const { rows: [{ answer }] } = await harness.db.query(`select public.supaqueue_turn('{}') as answer`)

    expect(answer).toEqual({ now_ms: expect.any(Number) })
  })
})

describe('a run that lost an answer', () => {
  test('gets again what that answer gave it and it does not have', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3 })
    await harness.jobs(queue, 3)
    const [held] = await harness.take(run, queue, 1)
    const lost = await harness.take(run, queue, 2)

    const { jobs } = await harness.turn(run, queue, { room: 2, have: [held!.current_job.id] })

    const tokens = (entries: typeof lost) => entries.map((entry) => entry.current_job.id).sort()
    expect(tokens(jobs)).toEqual(tokens(lost))
    expect((await harness.currentJobs(queue)).map((row) => row.dispatcher)).toEqual([run, run, run])
  })

  test('gets no more beside them than it has room for', async ({ harness }) => {
    const queue = await harness.queue({ workers: 9 })
    await harness.jobs(queue, 4)
    await harness.take(run, queue, 2)
    await harness.jobs(queue, 5)

    expect((await harness.turn(run, queue, { room: 3, have: [] })).jobs).toHaveLength(3)
  })

  test('gets nothing that another run has', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.take(randomUUID(), queue)

    expect((await harness.turn(run, queue, { room: 5, have: [] })).jobs).toEqual([])
  })
})

describe('a request that is not valid is refused and changes nothing:', () => {
  test.for(
    [
      ['without a run', { run: undefined }, 'SQ422'],
      ['a run that is no uuid', { run: 'me' }, '22P02'],
      ['a queue that is no uuid', { queue: 'mail' }, '22P02'],
      ['room that is no number', { room: 'much' }, '22P02'],
      ['room that is a fraction', { room: 1.5 }, '22P02'],
      ['reports that are no array', { reports: { token: run } }, '22023'],
      ['a report that is no object', { reports: ['done'] }, 'SQ422'],
      ['a token that is no uuid', { reports: [{ token: '7', outcome: 'success' }] }, '22P02'],
      ['a flag that is no boolean', { sleepy: 'perhaps' }, '22P02'],
    ] as const,
  )('%s', async ([, fault, code], { harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const before = await harness.currentJobs(queue)

    const reason = await refusal(
      harness.db.query('select public.supaqueue_turn($1)', [JSON.stringify({ run, queue, room: 1, ...fault })]),
    )

    expect(reason.code).toBe(code)
    if (code === 'SQ422') expect(reason.hint).toContain('docs/reference/turn.md')
    expect(await harness.currentJobs(queue)).toEqual(before)
    expect((await harness.heartbeat(queue)).run).toBe(null)
  })

  test.for(['repeatable read', 'serializable'])('a turn under %s', async (isolation, { harness }) => {
    const queue = await harness.queue()

    expect(await refusal(harness.transaction(() => harness.turn(run, queue), isolation))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('read committed'),
    })
  })
})

describe('a turn waits for nobody:', () => {
  test.for(['queue', 'worker', 'job', 'current_job'] as const)(
    'with every row of %s held it answers, takes nothing of it, and loses nothing',
    async (table, { harness, another }) => {
      const queue = await harness.queue({ workers: 2 })
      await harness.turn(run, queue)
      await harness.jobs(queue, 3)
      const [entry] = await harness.take(run, queue, 1)
      const user = await another()
      await user.begin()
      await user.db.query(
        `select from supaqueue.${table} where ${table === 'queue' ? 'id' : 'queue'} = $1 for update`,
        [queue],
      )

      await harness.impatient()
      const reports = [{ token: entry!.current_job.id, outcome: 'success' as const }]
      await harness.turn(run, queue, { reports, room: 5, sleepy: true })
      await user.rollback()
      await harness.turn(run, queue, { reports, room: 5 })

      expect((await harness.jobRow(entry!.job.id)).status).toBe('success')
      expect(await harness.inProgress(queue)).toHaveLength(2)
    },
  )
})

test('brings the queue as it is once its jobs are begun, not as it was before', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  const harness = harnessOf(await ownDatabase.connect())
  const queue = await harness.queue({ url: 'https://a.example.com/', edge_function_name: null, workers: 1 })
  const run = randomUUID()
  await harness.turn(run, queue)
  await harness.job(queue)
  // As if somebody had committed it between the two statements.
  await owner.query(`
    create function public.meanwhile() returns trigger language plpgsql as $$
    begin
      update supaqueue.queue set allowed_hosts = '{b.example.com}' where id = new.queue;
      return new;
    end $$;
    grant execute on function public.meanwhile() to service_role;
    create trigger meanwhile before update of status on supaqueue.job
      for each row when (new.status = 'in_progress') execute function public.meanwhile()`)

  const answer = await harness.turn(run, queue, { room: 1 })

  expect(answer.jobs).toHaveLength(1)
  expect(answer.queue).toMatchObject({ allowed_hosts: ['b.example.com'] })
})

test('reads no table of jobs from end to end, though all are small when its statements are planned', async ({ harness }) => {
  const queue = await harness.queue({ workers: 3 })
  const run = randomUUID()
  await harness.turn(run, queue)
  await harness.jobs(queue, 5)
  const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
  const scans = async (): Promise<Record<string, number>> => {
    const { rows } = await harness.db.query(
      `select relname, seq_scan from pg_stat_xact_user_tables
       where schemaname = 'supaqueue' and relname in ('job', 'current_job', 'worker', 'queue', 'heartbeat', 'trouble')`,
    )
    return Object.fromEntries(rows.map(({ relname, seq_scan }) => [relname, seq_scan]))
  }

  await harness.begin()
  const before = await scans()
  const [taken] = (await harness.turn(run, queue, {
    reports: tokens.map((token, i) => ({ token, outcome: i === 0 ? 'success' : 'failed' })),
    room: 2,
    called: [],
    have: [],
  })).jobs
  await harness.turn(run, queue, { reports: [{ token: taken!.current_job.id, outcome: 'success' }], room: 5 })
  await harness.turn(run, queue, { room: 5, sleepy: true })
  const after = await scans()
  await harness.rollback()

  expect(after).toEqual(before)
})
