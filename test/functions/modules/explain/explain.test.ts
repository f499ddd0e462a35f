import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { makeHealthy } from '../health/healthy.ts'
import { hooked } from '../hooks/hooked.ts'
import { refusal } from '../../../support/refusal.ts'

const run = randomUUID()

type Explained = { job: number; status: string; text: string; reasons: Record<string, unknown>[] }

const explain = async (house: House, job: number): Promise<Explained> =>
  (await house.db.query('select supaqueue.explain($1) as explained', [job])).rows[0].explained

/** A queue whose heartbeat is a run that is awake, so that nothing starts by itself. */
const awake = async (house: House, settings: Parameters<House['queue']>[0] = {}) => {
  const queue = await house.queue({ workers: 3, ...settings })
  await house.turn(run, queue)
  return queue
}

const codes = ({ reasons }: Explained) => reasons.map(({ code }) => code)

describe('explain says of a job that waits', () => {
  test('that a run takes it with its next look, when nothing else is missing', async ({ house }) => {
    const job = await house.job(await awake(house))

    expect(await explain(house, job)).toMatchObject({
      job,
      status: 'pending',
      text: 'waits: a run is awake and takes it with its next look',
      reasons: [{ code: 'awake' }],
    })
  })

  test('that nobody is awake, and when the sweep last ran', async ({ database, house }) => {
    await makeHealthy(database, house)
    const queue = await awake(house)
    const job = await house.job(queue)
    await house.sweep()
    await house.age('heartbeat', queue)

    const explained = await explain(house, job)

    expect(codes(explained)).toEqual(['asleep'])
    expect(explained.text).toMatch(/^waits: nobody is awake; the sweep calls a run, it last ran \d\.\d s ago$/)
  })

  test('when it is due', async ({ house }) => {
    const job = await house.job(await awake(house), { due: '90 seconds' })

    const explained = await explain(house, job)

    expect(codes(explained)).toEqual(['run_at'])
    expect(explained.text).toMatch(/^waits: is due in (90|89) s$/)
  })

  test('that its queue is paused, until when and why', async ({ house }) => {
    const queue = await awake(house, { paused: true })
    const job = await house.job(queue)
    const before = await explain(house, job)
    await house.db.query(
      `update supaqueue.queue set paused_until = now() + interval '3 hours', paused_reason = 'the bank is closed' where id = $1`,
      [queue],
    )

    expect(before.text).toMatch(/^waits: its queue is paused until it is resumed, by service_role .*ago$/)
    expect(await explain(house, job)).toMatchObject({
      text: expect.stringMatching(
        /^waits: its queue is paused for another 3 h, by service_role .*ago, because the bank is closed$/,
      ),
      reasons: [{ code: 'paused', reason: 'the bank is closed', by: 'service_role' }],
    })
  })

  test('that a consumer has to pick it', async ({ house }) => {
    const job = await house.job(await awake(house, { mode: 'pull' }))

    expect(await explain(house, job)).toMatchObject({ text: 'waits: a consumer has to pick it' })
  })

  test('that its target turned calls away, what it said, and for how long it is left alone', async ({ house }) => {
    const queue = await awake(house)
    await house.openCircuit(queue, '30 seconds')
    const job = await house.job(queue)

    const explained = await explain(house, job)

    expect(codes(explained)).toEqual(['circuit'])
    expect(explained.text).toMatch(
      /5 calls in a row were deferred by the function hello; it is not called for another (30|29) s \(too many requests\)/,
    )
  })

  test('that another job is tried whether the target takes calls again', async ({ house }) => {
    const queue = await awake(house)
    await house.openCircuit(queue, '-1 second')
    const [, second] = await house.jobs(queue, 2)
    await house.take(run, queue)

    expect(await explain(house, second!)).toMatchObject({
      reasons: [{ code: 'circuit' }],
      text: expect.stringContaining('one job is tried'),
    })
  })

  test('when its rate limit lets the next job begin', async ({ house }) => {
    const queue = await awake(house)
    await house.db.query('select supaqueue.set_max_rps($1, 0.02)', [queue])
    const [, second] = await house.jobs(queue, 2)
    await house.take(run, queue)

    const explained = await explain(house, second!)

    expect(codes(explained)).toEqual(['rate_limit'])
    expect(explained.text).toMatch(/\(0\.02 a second\) lets the next job begin in (50|49) s$/)
  })

  test('that its key is at its cap', async ({ house }) => {
    const queue = await awake(house, { per_key: 1 })
    await house.job(queue, { concurrency_key: 'ada' })
    await house.take(run, queue)
    const job = await house.job(queue, { concurrency_key: 'ada' })

    expect(await explain(house, job)).toMatchObject({
      text: "waits: 1 of 1 jobs with the key 'ada' are running",
      reasons: [{ code: 'per_key', concurrency_key: 'ada' }],
    })
  })

  test('that all workers are taken, or that there is none', async ({ house }) => {
    const [queue, empty] = [await awake(house), await awake(house, { workers: 0 })]
    await house.jobs(queue, 3)
    await house.take(run, queue)

    expect((await explain(house, await house.job(queue))).text).toBe('waits: all 3 workers are taken')
    expect((await explain(house, await house.job(empty))).text).toBe('waits: its queue has no workers')
  })

  test('how many come before it, by priority, then by time', async ({ house }) => {
    const queue = await awake(house)
    await house.job(queue, { priority: 1 })
    await house.job(queue, { due: '-1 minute' })
    const job = await house.job(queue)
    await house.job(queue)
    await house.job(queue, { priority: 1, due: '1 hour' })

    expect(await explain(house, job)).toMatchObject({
      text: 'waits: 2 jobs come before it',
      reasons: [{ code: 'ahead', jobs: 2 }],
    })
  })

  test('all of it at once, and what the last attempt died of', async ({ house }) => {
    const queue = await awake(house, { paused: true })
    const job = await house.job(queue, { due: '1 hour', attempts: 2 })
    await house.update('job', job, { error: 'HTTP 500: broken' })

    const explained = await explain(house, job)

    expect(codes(explained)).toEqual(['run_at', 'paused'])
    expect(explained.text).toMatch(/\(attempt 2 failed: HTTP 500: broken\)$/)
  })
})

describe('explain says of a job', () => {
  test('that is being called again, what the last attempt died of', async ({ house }) => {
    const queue = await awake(house, { workers: 1, retry_base_ms: 0 })
    const job = await house.job(queue)
    const run = randomUUID()
    const [first] = await house.take(run, queue)
    expect((await explain(house, job)).text).not.toContain('failed')
    await house.report(run, queue, [first!.current_job.id], 'failed', { error: 'HTTP 500: broken' })
    await house.update('job', job, { run_at: new Date(0) })
    await house.take(run, queue)

    expect((await explain(house, job)).text).toMatch(
      /^attempt 2 is being called .* \(attempt 1 failed: HTTP 500: broken\)$/,
    )
  })

  test('that is held: by the user, or by which sources', async ({ house }) => {
    const queue = await awake(house)
    const [source, other, target, held] = [
      await house.job(queue),
      await house.job(queue),
      await house.job(queue, { status: 'held' }),
      await house.job(queue, { status: 'held' }),
    ]
    await house.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $3), ($2, $3)', [
      source,
      other,
      target,
    ])

    expect(await explain(house, target!)).toMatchObject({
      text: 'held by 2 sources that have not ended',
      reasons: [{ code: 'sources', sources: [source, other] }],
    })
    expect((await explain(house, held!)).text).toBe('held until somebody sets it to pending')
  })

  test('that is held because a source failed, and which', async ({ house }) => {
    const { depend } = pipeline(house)
    const queue = await awake(house)
    const [fails, succeeds] = await house.jobs(queue, 2)
    const target = await house.job(queue, { status: 'held' })
    await depend(target, [fails!, succeeds!], 'hold')
    await house.update('job', succeeds!, { status: 'success' })
    await house.update('job', fails!, { status: 'failed' })

    expect(await explain(house, target)).toMatchObject({
      text: `held because source ${fails} did not succeed, until somebody sets it to pending`,
      reasons: [{ code: 'sources_failed', sources: [fails] }],
    })
  })

  test('that runs: for how long, how far it is, and when its lease ends', async ({ house }) => {
    const queue = await awake(house)
    const job = await house.job(queue)
    const [entry] = await house.take(run, queue)
    await house.progress(entry!.current_job.id, 40, 'page 2 of 5')

    const explained = await explain(house, job)

    expect(explained.reasons).toMatchObject([{ code: 'running', run }])
    expect(explained.text).toMatch(
      /^attempt 1 is being called for \d\.\d s; its lease ends in (70|69) s; 40 % done: page 2 of 5$/,
    )
  })

  test('that waits for a run, or whose function reports by itself', async ({ house }) => {
    const [asleep, queue] = [await house.queue({ workers: 1 }), await awake(house)]
    const [paired, later] = [await house.job(asleep), await house.job(queue)]
    const [entry] = await house.take(run, queue)
    await house.turn(run, queue, { reports: [{ token: entry!.current_job.id, outcome: 'later' }] })

    expect((await explain(house, paired)).reasons).toMatchObject([{ code: 'paired' }])
    expect((await explain(house, later)).reasons).toMatchObject([{ code: 'later', run: null }])
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
  )('that has ended: %s', async ([, columns, text], { house }) => {
    const job = await house.job(await awake(house), { due: '1 hour' })
    await house.update('job', job, columns)

    expect((await explain(house, job)).text).toMatch(text)
  })

  test('that a hook made, and of which table', async ({ house, another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    const { rows: [{ id }] } = await owner.db.query('select id from supaqueue.job where queue = $1', [photos.queue])

    expect((await explain(house, id)).text).toMatch(
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
      expect((await explain(house, id)).text).toMatch(new RegExp(`from ${photos.table}, ${said}$`))
    }
  })

  test('that is not there: SQ404', async ({ house }) => {
    expect(await refusal(explain(house, 4_000_000_000))).toMatchObject({
      code: 'SQ404',
      hint: expect.stringMatching(/\S/),
    })
  })

  test('without changing or locking anything', async ({ house, another }) => {
    const queue = await awake(house)
    const job = await house.job(queue)
    const other = await another()

    const taken = await house.transaction(async () => {
      await explain(house, job)
      return await other.take(run, queue)
    })

    expect(taken).toHaveLength(1)
  })
})
