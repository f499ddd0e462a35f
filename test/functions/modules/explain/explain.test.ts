import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { makeHealthy } from '../health/healthy.ts'
import { hooked } from '../hooks/hooked.ts'
import { refusal } from '../../../support/refusal.ts'

const run = randomUUID()

type Explained = { job: number; status: string; text: string; reasons: Record<string, unknown>[] }

const explain = async (harness: Harness, job: number): Promise<Explained> =>
  (await harness.db.query('select supaqueue.explain($1) as explained', [job])).rows[0].explained

/** A queue whose heartbeat is a run that is awake, so that nothing starts by itself. */
const awake = async (harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) => {
  const queue = await harness.queue({ workers: 3, ...settings })
  await harness.turn(run, queue)
  return queue
}

const codes = ({ reasons }: Explained) => reasons.map(({ code }) => code)

describe('explain says of a job that waits', () => {
  test('that a run takes it with its next look, when nothing else is missing', async ({ harness }) => {
    const job = await harness.job(await awake(harness))

    expect(await explain(harness, job)).toMatchObject({
      job,
      status: 'pending',
      text: 'waits: a run is awake and takes it with its next look',
      reasons: [{ code: 'awake' }],
    })
  })

  test('that nobody is awake, and when the sweep last ran', async ({ database, harness }) => {
    await makeHealthy(database, harness)
    const queue = await awake(harness)
    const job = await harness.job(queue)
    await harness.sweep()
    await harness.age('heartbeat', queue)

    const explained = await explain(harness, job)

    expect(codes(explained)).toEqual(['asleep'])
    expect(explained.text).toMatch(/^waits: nobody is awake; the sweep calls a run, it last ran \d\.\d s ago$/)
  })

  test('when it is due', async ({ harness }) => {
    const job = await harness.job(await awake(harness), { due: '90 seconds' })

    const explained = await explain(harness, job)

    expect(codes(explained)).toEqual(['run_at'])
    expect(explained.text).toMatch(/^waits: is due in (90|89) s$/)
  })

  test('that its queue is paused, until when and why', async ({ harness }) => {
    const queue = await awake(harness, { paused: true })
    const job = await harness.job(queue)
    const before = await explain(harness, job)
    await harness.db.query(
      `update supaqueue.queue set paused_until = now() + interval '3 hours', paused_reason = 'the bank is closed' where id = $1`,
      [queue],
    )

    expect(before.text).toMatch(/^waits: its queue is paused until it is resumed, by service_role .*ago$/)
    expect(await explain(harness, job)).toMatchObject({
      text: expect.stringMatching(
        /^waits: its queue is paused for another 3 h, by service_role .*ago, because the bank is closed$/,
      ),
      reasons: [{ code: 'paused', reason: 'the bank is closed', by: 'service_role' }],
    })
  })

  test('that a consumer has to pick it', async ({ harness }) => {
    const job = await harness.job(await awake(harness, { mode: 'pull' }))

    expect(await explain(harness, job)).toMatchObject({ text: 'waits: a consumer has to pick it' })
  })

  test('that its target turned calls away, what it said, and for how long it is left alone', async ({ harness }) => {
    const queue = await awake(harness)
    await harness.openCircuit(queue, '30 seconds')
    const job = await harness.job(queue)

    const explained = await explain(harness, job)

    expect(codes(explained)).toEqual(['circuit'])
    expect(explained.text).toMatch(
      /5 calls in a row were deferred by the function hello; it is not called for another (30|29) s \(too many requests\)/,
    )
  })

  test('that another job is tried whether the target takes calls again', async ({ harness }) => {
    const queue = await awake(harness)
    await harness.openCircuit(queue, '-1 second')
    const [, second] = await harness.jobs(queue, 2)
    await harness.take(run, queue)

    expect(await explain(harness, second!)).toMatchObject({
      reasons: [{ code: 'circuit' }],
      text: expect.stringContaining('one job is tried'),
    })
  })

  test('when its rate limit lets the next job begin', async ({ harness }) => {
    const queue = await awake(harness)
    await harness.db.query('select supaqueue.set_max_rps($1, 0.02)', [queue])
    const [, second] = await harness.jobs(queue, 2)
    await harness.take(run, queue)

    const explained = await explain(harness, second!)

    expect(codes(explained)).toEqual(['rate_limit'])
    expect(explained.text).toMatch(/\(0\.02 a second\) lets the next job begin in (50|49) s$/)
  })

  test('that its key is at its cap', async ({ harness }) => {
    const queue = await awake(harness, { per_key: 1 })
    await harness.job(queue, { concurrency_key: 'ada' })
    await harness.take(run, queue)
    const job = await harness.job(queue, { concurrency_key: 'ada' })

    expect(await explain(harness, job)).toMatchObject({
      text: "waits: 1 of 1 jobs with the key 'ada' are running",
      reasons: [{ code: 'per_key', concurrency_key: 'ada' }],
    })
  })

  test('that all workers are taken, or that there is none', async ({ harness }) => {
    const [queue, empty] = [await awake(harness), await awake(harness, { workers: 0 })]
    await harness.jobs(queue, 3)
    await harness.take(run, queue)

    expect((await explain(harness, await harness.job(queue))).text).toBe('waits: all 3 workers are taken')
    expect((await explain(harness, await harness.job(empty))).text).toBe('waits: its queue has no workers')
  })

  test('how many come before it, by priority, then by time', async ({ harness }) => {
    const queue = await awake(harness)
    await harness.job(queue, { priority: 1 })
    await harness.job(queue, { due: '-1 minute' })
    const job = await harness.job(queue)
    await harness.job(queue)
    await harness.job(queue, { priority: 1, due: '1 hour' })

    expect(await explain(harness, job)).toMatchObject({
      text: 'waits: 2 jobs come before it',
      reasons: [{ code: 'ahead', jobs: 2 }],
    })
  })

  test('all of it at once, and what the last attempt died of', async ({ harness }) => {
    const queue = await awake(harness, { paused: true })
    const job = await harness.job(queue, { due: '1 hour', attempts: 2 })
    await harness.update('job', job, { error: 'HTTP 500: broken' })

    const explained = await explain(harness, job)

    expect(codes(explained)).toEqual(['run_at', 'paused'])
    expect(explained.text).toMatch(/\(attempt 2 failed: HTTP 500: broken\)$/)
  })
})

describe('explain says of a job', () => {
  test('that is being called again, what the last attempt died of', async ({ harness }) => {
    const queue = await awake(harness, { workers: 1, retry_base_ms: 0 })
    const job = await harness.job(queue)
    const run = randomUUID()
    const [first] = await harness.take(run, queue)
    expect((await explain(harness, job)).text).not.toContain('failed')
    await harness.report(run, queue, [first!.current_job.id], 'failed', { error: 'HTTP 500: broken' })
    await harness.update('job', job, { run_at: new Date(0) })
    await harness.take(run, queue)

    expect((await explain(harness, job)).text).toMatch(
      /^attempt 2 is being called .* \(attempt 1 failed: HTTP 500: broken\)$/,
    )
  })

  test('that is held: by the user, or by which sources', async ({ harness }) => {
    const queue = await awake(harness)
    const [source, other, target, held] = [
      await harness.job(queue),
      await harness.job(queue),
      await harness.job(queue, { status: 'held' }),
      await harness.job(queue, { status: 'held' }),
    ]
    await harness.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $3), ($2, $3)', [
      source,
      other,
      target,
    ])

    expect(await explain(harness, target!)).toMatchObject({
      text: 'held by 2 sources that have not ended',
      reasons: [{ code: 'sources', sources: [source, other] }],
    })
    expect((await explain(harness, held!)).text).toBe('held until somebody sets it to pending')
  })

  test('that is held because a source failed, and which', async ({ harness }) => {
    const { depend } = pipeline(harness)
    const queue = await awake(harness)
    const [fails, succeeds] = await harness.jobs(queue, 2)
    const target = await harness.job(queue, { status: 'held' })
    await depend(target, [fails!, succeeds!], 'hold')
    await harness.update('job', succeeds!, { status: 'success' })
    await harness.update('job', fails!, { status: 'failed' })

    expect(await explain(harness, target)).toMatchObject({
      text: `held because source ${fails} did not succeed, until somebody sets it to pending`,
      reasons: [{ code: 'sources_failed', sources: [fails] }],
    })
  })

  test('that runs: for how long, how far it is, and when its lease ends', async ({ harness }) => {
    const queue = await awake(harness)
    const job = await harness.job(queue)
    const [entry] = await harness.take(run, queue)
    await harness.progress(entry!.current_job.id, 40, 'page 2 of 5')

    const explained = await explain(harness, job)

    expect(explained.reasons).toMatchObject([{ code: 'running', run }])
    expect(explained.text).toMatch(
      /^attempt 1 is being called for \d\.\d s; its lease ends in (70|69) s; 40 % done: page 2 of 5$/,
    )
  })

  test('that runs, and whose lease ran out', async ({ harness }) => {
    const queue = await awake(harness)
    const job = await harness.job(queue)
    await harness.take(run, queue)
    await harness.db.query(
      `update supaqueue.current_job set lease_until = clock_timestamp() - interval '20 seconds' where job = $1`,
      [job],
    )

    expect((await explain(harness, job)).text)
      .toMatch(/^attempt 1 is being called for \d+(\.\d)? s; its lease ran out \d+ s ago$/)
  })

  test('that waits for a run, or whose function reports by itself', async ({ harness }) => {
    const [asleep, queue] = [await harness.queue({ workers: 1 }), await awake(harness)]
    const [paired, later] = [await harness.job(asleep), await harness.job(queue)]
    const [entry] = await harness.take(run, queue)
    await harness.turn(run, queue, { reports: [{ token: entry!.current_job.id, outcome: 'later' }] })

    expect((await explain(harness, paired)).reasons).toMatchObject([{ code: 'paired' }])
    expect((await explain(harness, later)).reasons).toMatchObject([{ code: 'later', run: null }])
  })

  test.for(
    [
      ['success', { status: 'success' }, /^succeeded \d\.\d s ago$/],
      [
        'failed',
        { status: 'failed', error: 'HTTP 500', attempts: 3 },
        /^failed \d\.\d s ago after 3 attempts: HTTP 500$/,
      ],
      ['cancelled', { status: 'cancelled' }, /^was cancelled \d\.\d s ago$/],
    ] as const,
  )('that has ended: %s', async ([, columns, text], { harness }) => {
    const job = await harness.job(await awake(harness), { due: '1 hour' })
    await harness.update('job', job, columns)

    expect((await explain(harness, job)).text).toMatch(text)
  })

  test('that a hook made, and of which table', async ({ harness, another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    const { rows: [{ id }] } = await owner.db.query('select id from supaqueue.job where queue = $1', [photos.queue])

    expect((await explain(harness, id)).text).toMatch(
      new RegExp(`^waits: .*; made by the hook ${photos.name} from ${photos.table}$`),
    )
    for (
      const [mark, said] of [['{"hook-backfill": "yes"}', 'in a backfill'], [
        '{"hook-replay": "7"}',
        'once more after job 7',
      ]]
    ) {
      await owner.db.query('update supaqueue.job set origin = (origin - $2::text[]) || $3 where id = $1', [
        id,
        ['hook-backfill', 'hook-replay'],
        mark,
      ])
      expect((await explain(harness, id)).text).toMatch(new RegExp(`from ${photos.table}, ${said}$`))
    }
  })

  test('that is not there: SQ404', async ({ harness }) => {
    expect(await refusal(explain(harness, 4_000_000_000))).toMatchObject({
      code: 'SQ404',
      hint: expect.stringMatching(/\S/),
    })
  })

  test('without changing or locking anything', async ({ harness, another }) => {
    const queue = await awake(harness)
    const job = await harness.job(queue)
    const other = await another()

    const taken = await harness.transaction(async () => {
      await explain(harness, job)
      return await other.take(run, queue)
    })

    expect(taken).toHaveLength(1)
  })
})
