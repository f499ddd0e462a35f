import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, type Report, test } from '../../../support/harness.ts'
import { counters, deltas, sizeOf, steps } from './counters.ts'

/** A queue that a run keeps awake, and as many of its jobs begun as it has workers. */
async function begun(harness: Harness, workers: number, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers, ...settings })
  const run = randomUUID()
  await harness.turn(run, queue, { hello: true })
  await harness.jobs(queue, workers)
  const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
  return { queue, run, tokens }
}

const report = (harness: Harness, { run, queue }: { run: string; queue: string }, reports: Report[]) =>
  harness.turn(run, queue, { reports })

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

describe('counted is', () => {
  test('what runs begin and bring, by what became of it', async ({ harness }) => {
    const place = await begun(harness, 8, { max_attempts: 2 })
    const [a, b, c, d, e, f, g, h] = place.tokens as [string, string, string, string, string, string, string, string]
    await report(harness, place, [
      { token: a, outcome: 'success' },
      { token: b, outcome: 'failed' },
      { token: c, outcome: 'unknown' },
      { token: d, outcome: 'killed' },
      { token: e, outcome: 'deferred', retry_after_ms: 60_000 },
      { token: f, outcome: 'rescheduled', retry_after_ms: 60_000 },
      { token: g, outcome: 'dropped' },
      { token: h, outcome: 'not_run', retry_after_ms: 60_000 },
    ])

    expect(await counters(harness, place.queue)).toMatchObject({
      begun: 8,
      succeeded: 1,
      failed: 1,
      killed: 1,
      retried: 2,
      deferred: 1,
      rescheduled: 1,
      dropped: 1,
      runs: 1,
      leases_lost: 0,
    })
  })

  test('a job that fails for good once, and its attempts before that as retried', async ({ harness }) => {
    const { queue, run, tokens } = await begun(harness, 1, { retry_base_ms: 0, max_attempts: 2 })
    await harness.report(run, queue, tokens, 'failed')
    const again = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
    await harness.report(run, queue, again, 'failed')

    expect(await counters(harness, queue)).toMatchObject({ begun: 2, retried: 1, failed: 1, succeeded: 0 })
  })

  test('a report once, however often it comes', async ({ harness }) => {
    const { queue, run, tokens } = await begun(harness, 1)
    await harness.report(run, queue, [...tokens, ...tokens])
    await harness.report(run, queue, tokens)

    expect(await counters(harness, queue)).toMatchObject({ succeeded: 1 })
  })

  test('what a lost answer brought once, though it is brought again, and beside what is new', async ({ harness }) => {
    const { queue, run } = await begun(harness, 2)
    expect((await harness.turn(run, queue, { have: [], room: 5 })).jobs).toHaveLength(2)
    expect(await counters(harness, queue)).toMatchObject({ begun: 2 })

    await harness.workers(queue, 1)
    await harness.job(queue)
    expect((await harness.turn(run, queue, { have: [], room: 5 })).jobs).toHaveLength(3)
    expect(await counters(harness, queue)).toMatchObject({ begun: 3 })
  })

  test('how long calls took, as the run says, and how long their jobs had been due', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.job(queue, { due: '-50 minutes' })
    await harness.job(queue, { due: '-20 seconds' })
    const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
    await report(harness, { run, queue }, [
      { token: tokens[0]!, outcome: 'success', ms: 100 },
      { token: tokens[1]!, outcome: 'failed', ms: 101 },
    ])

    const row = await counters(harness, queue)
    expect(await steps(harness, row.calls)).toEqual({ 100: 1, 250: 1 })
    expect(row.calls_ms).toBe(201)
    expect(await steps(harness, row.waits)).toEqual({ 30_000: 1, 3_600_000: 1 })
  })

  test('a turn that began or reported something, and not a look that found nothing', async ({ harness }) => {
    const { queue, run, tokens } = await begun(harness, 1)
    const before = await deltas(harness, queue)

    await harness.turn(run, queue, { room: 5 })
    await harness.turn(run, queue, { sleepy: true })
    expect(await deltas(harness, queue)).toBe(before)

    await harness.report(run, queue, tokens)
    expect(await deltas(harness, queue)).toBe(before + 1)
    const { turns, turns_ms } = await counters(harness, queue)
    expect(sizeOf(turns)).toBe(3)
    expect(turns_ms).toBeGreaterThan(0)
  })

  test('a turn by one row at most, whatever it did', async ({ harness }) => {
    const { queue, run, tokens } = await begun(harness, 3, { retry_base_ms: 0 })
    await harness.jobs(queue, 3)
    const before = await deltas(harness, queue)

    await harness.turn(run, queue, {
      hello: true,
      room: 3,
      reports: tokens.map((token, i) => ({ token, outcome: i ? 'success' : 'failed', ms: 5 })),
    })

    expect(await deltas(harness, queue)).toBe(before + 1)
  })

  test('what is ended by its token', async ({ harness }) => {
    const { queue, tokens } = await begun(harness, 3)
    await harness.finish(tokens[0]!, 'complete')
    await harness.finish(tokens[1]!, 'drop')
    await harness.endCurrentJob(tokens[2]!, false)

    expect(await counters(harness, queue)).toMatchObject({ succeeded: 1, dropped: 1, retried: 1 })
  })

  test('what is picked', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, mode: 'pull' })
    await harness.jobs(queue, 2)

    await harness.db.query('select supaqueue.pick($1, most => 5)', [queue])
    await harness.db.query('select supaqueue.pick($1, most => 5)', [queue])

    expect(await counters(harness, queue)).toMatchObject({ begun: 2 })
  })

  test('each lease that ran out, of each queue, and whether its job is tried again', async ({ harness }) => {
    const [one, other] = [await begun(harness, 2), await begun(harness, 1, { max_attempts: 1 })]
    for (const { queue } of [one, other]) {
      await harness.db.query('update supaqueue.current_job set called = true where queue = $1', [queue])
      await harness.age('current_job', queue)
    }

    await harness.sweep()

    expect(await counters(harness, one.queue)).toMatchObject({ leases_lost: 2, retried: 2, failed: 0 })
    expect(await counters(harness, other.queue)).toMatchObject({ leases_lost: 1, retried: 0, failed: 1 })
  })

  test('a lost claim that no run had begun as a lost lease, and as no attempt', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await counters(harness, queue)).toMatchObject({ leases_lost: 1, retried: 0, failed: 0, begun: 0 })
  })

  test('no lease whose job somebody holds', async ({ harness, another }) => {
    const { queue } = await begun(harness, 1)
    await harness.age('current_job', queue)
    const other = await another()
    await other.begin()
    await other.db.query('select from supaqueue.job where queue = $1 for update', [queue])

    await harness.sweep()
    await other.rollback()

    expect(await counters(harness, queue)).toMatchObject({ leases_lost: 0, retried: 0 })
  })

  test('a wake-up when it is posted, and not when it cannot be', async ({ harness, another }) => {
    const queue = await harness.queue()
    await ask(harness, 'wake', { queue })
    const owner = await another('owner')
    await owner.begin()
    await owner.db.query(`delete from supaqueue.setting where name = 'functions_url'`)
    await owner.warnings(() => owner.db.query('select supaqueue_internal.wake($1)', [queue]))

    expect(await counters(owner, queue)).toMatchObject({ wake_ups: 1 })
    await owner.rollback()
  })

  test('a job that was skipped since its key is taken', async ({ harness }) => {
    const queue = await harness.queue()
    for (let i = 0; i < 3; i++) await ask(harness, 'enqueue', { queue, dedupe_key: 'k', on_conflict: 'skip' })
    await ask(harness, 'enqueue', { queue, dedupe_key: 'k', on_conflict: 'replace' })

    expect(await counters(harness, queue)).toMatchObject({ duplicates: 2 })
  })
})

test('a queue in which nothing happened yet has zeros', async ({ harness }) => {
  const queue = await harness.queue()

  expect(await counters(harness, queue)).toMatchObject({ enqueued: 0, begun: 0, succeeded: 0, calls: [], calls_ms: 0 })
})
