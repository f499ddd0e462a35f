import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, type Report, test } from '../../../support/harness.ts'

const run = randomUUID()

/** A queue whose target gets one call for each outcome, all reported in one turn. */
async function called(harness: Harness, queue: string, outcomes: Report['outcome'][], more: Partial<Report> = {}) {
  await harness.jobs(queue, outcomes.length)
  const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
  expect(tokens).toHaveLength(outcomes.length)
  await harness.turn(run, queue, { reports: tokens.map((token, i) => ({ token, outcome: outcomes[i]!, ...more })) })
}

const times = (count: number, outcome: Report['outcome']): Report['outcome'][] => Array(count).fill(outcome)

async function queueOf(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}): Promise<string> {
  const queue = await harness.queue({
    workers: 10,
    edge_function_name: settings.url ? null : `fn-${randomUUID()}`,
    ...settings,
  })
  await harness.turn(run, queue)
  return queue
}

const closed = { failures: 0, openings: 0, opened_at: null, open_until: null, reason: null }

describe('the circuit of a target', () => {
  test('opens for a second when the fifth call in a row is deferred, and says why', async ({ harness }) => {
    const queue = await queueOf(harness)
    await called(harness, queue, times(2, 'deferred'))
    await called(harness, queue, times(2, 'deferred'))
    const before = await harness.circuit(queue)

    await called(harness, queue, ['deferred'], { error: 'too many requests', retry_after_ms: 0 })

    expect(before).toMatchObject({ failures: 4, openings: 0, opened_at: null, open_until: null })
    const { opened_at, open_until, ...circuit } = await harness.circuit(queue)
    expect(circuit).toMatchObject({ failures: 5, openings: 1, reason: 'too many requests' })
    expect(open_until - opened_at).toBe(1000)
  })

  test('opens for as long as the target asked, the longest of them', async ({ harness }) => {
    const queue = await queueOf(harness)
    await called(harness, queue, times(4, 'deferred'), { retry_after_ms: 20_000 })

    await called(harness, queue, ['deferred'], { retry_after_ms: 30_000 })

    const { opened_at, open_until } = await harness.circuit(queue)
    expect(open_until - opened_at).toBe(30_000)
  })

  test('opens for an hour at most, whatever the target asked', async ({ harness }) => {
    const queue = await queueOf(harness)

    await called(harness, queue, times(5, 'deferred'), { retry_after_ms: 1e12 })

    const { opened_at, open_until } = await harness.circuit(queue)
    expect(open_until - opened_at).toBe(3_600_000)
  })

  test.for([[1, 2_000], [2, 4_000], [3, 8_000], [8, 256_000], [9, 300_000], [1000, 300_000]] as const)(
    'deferred again after %i openings opens for %i ms',
    async ([openings, wait], { harness }) => {
      const queue = await queueOf(harness)
      await harness.openCircuit(queue, '-1 second', openings)

      const begun = Date.now()
      await called(harness, queue, ['deferred'], { retry_after_ms: 0 })

      const circuit = await harness.circuit(queue)
      expect(circuit).toMatchObject({ failures: 6, openings: openings + 1, open: true })
      expect(circuit.left_ms).toBeLessThanOrEqual(wait)
      expect(circuit.left_ms).toBeGreaterThan(wait - 10 - (Date.now() - begun))
    },
  )

  test('still says since when it has been open, when it opens again', async ({ harness }) => {
    const queue = await queueOf(harness)
    await harness.openCircuit(queue, '-1 second')
    const { opened_at } = await harness.circuit(queue)

    await called(harness, queue, ['deferred'])

    expect((await harness.circuit(queue)).opened_at).toEqual(opened_at)
  })

  test('is not opened for longer by calls that were under way when it opened', async ({ harness }) => {
    const queue = await queueOf(harness)
    await harness.jobs(queue, 7)
    const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
    await harness.report(run, queue, tokens.slice(0, 5), 'deferred')
    const { open_until } = await harness.circuit(queue)

    await harness.report(run, queue, tokens.slice(5), 'deferred', { retry_after_ms: 60_000 })

    expect(await harness.circuit(queue)).toMatchObject({ failures: 7, openings: 1, open_until })
  })

  test('stays closed while most calls get through', async ({ harness }) => {
    const queue = await queueOf(harness)

    for (let turn = 0; turn < 4; turn++) {
      await called(harness, queue, [...times(3, 'success'), ...times(3, 'deferred')])
      expect(await harness.circuit(queue)).toMatchObject(closed)
    }
  })

  test('counts from the last call that got through', async ({ harness }) => {
    const queue = await queueOf(harness)
    await called(harness, queue, times(4, 'deferred'))

    await called(harness, queue, ['success', ...times(4, 'deferred')])

    expect(await harness.circuit(queue)).toMatchObject({ failures: 4, open_until: null })
  })

  test.for(['success', 'failed', 'rescheduled', 'killed', 'dropped', 'continued', 'later'] as const)(
    'closes by the first call that got through, with the outcome %s',
    async (outcome, { harness }) => {
      const queue = await queueOf(harness)
      await harness.openCircuit(queue, '-1 second', 3)

      await called(harness, queue, [outcome], { run_at: '2100-01-01', state: 1 })

      expect(await harness.circuit(queue)).toMatchObject(closed)
    },
  )

  test.for(['unknown', 'not_run'] as const)(
    'learns nothing by a call with the outcome %s',
    async (outcome, { harness }) => {
      const queue = await queueOf(harness)
      await harness.openCircuit(queue, '-1 second', 3)
      const before = await harness.circuit(queue)

      await called(harness, queue, [outcome])

      const { failures, openings, reason } = before
      expect(await harness.circuit(queue)).toMatchObject({ failures, openings, reason })
    },
  )

  test('hands the rest of the jobs out in the very turn that closes it', async ({ harness }) => {
    const queue = await queueOf(harness)
    await harness.jobs(queue, 4)
    await harness.openCircuit(queue, '-1 second')
    const [probe] = await harness.take(run, queue)

    const { jobs } = await harness.turn(run, queue, {
      reports: [{ token: probe!.current_job.id, outcome: 'success' }],
      room: 25,
    })

    expect(jobs).toHaveLength(3)
  })

  test('of another queue is left alone', async ({ harness }) => {
    const [queue, other] = [await queueOf(harness), await queueOf(harness)]
    await harness.openCircuit(other)
    const before = await harness.circuit(other)

    await called(harness, queue, times(5, 'deferred'))
    await called(harness, queue, [])

    const { left_ms: _, ...rest } = before
    expect(await harness.circuit(other)).toMatchObject(rest)
    await harness.jobs(queue, 1)
    expect(await harness.take(run, queue)).toEqual([])
  })

  test('that somebody holds is not waited for', async ({ harness, another }) => {
    const queue = await queueOf(harness)
    await called(harness, queue, ['deferred'])
    const before = await harness.circuit(queue)
    const user = await another()
    await user.begin()
    await user.db.query('select from supaqueue.circuit for update')

    await harness.impatient()
    await called(harness, queue, times(5, 'deferred'))
    await called(harness, queue, ['success'])
    await user.rollback()

    expect(await harness.circuit(queue)).toEqual(before)
  })

  test('that somebody is just making is not waited for', async ({ harness, another }) => {
    const [queue, other] = [await queueOf(harness), await queueOf(harness)]
    const maker = await another()
    await harness.jobs(other, 5)
    const tokens = (await maker.take(run, other)).map((entry) => entry.current_job.id)
    await maker.begin()
    await maker.report(run, other, tokens, 'deferred')

    await harness.impatient()
    await called(harness, queue, times(5, 'deferred'))
    await maker.commit()
    await called(harness, queue, ['deferred'])

    expect(await harness.circuit(other)).toMatchObject({ failures: 5, open: true })
    expect(await harness.circuit(queue)).toMatchObject({ failures: 1, open: false })
  })
})

test('a sweep and what is ended by hand leave the circuit alone', async ({ harness }) => {
  const queue = await queueOf(harness)
  await harness.jobs(queue, 2)
  const [lost, ended] = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
  await harness.openCircuit(queue, '-1 second')

  await harness.db.query(`update supaqueue.current_job set lease_until = '2001-01-01' where id = $1`, [lost])
  await harness.sweep()
  await harness.endCurrentJob(ended!, true)

  expect(await harness.circuit(queue)).toMatchObject({ failures: 5, openings: 1 })
})
