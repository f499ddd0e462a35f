import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, type Report, test } from '../../../support/house.ts'

const run = randomUUID()

/** A queue whose target gets one call for each outcome, all reported in one turn. */
async function called(house: House, queue: string, outcomes: Report['outcome'][], more: Partial<Report> = {}) {
  await house.jobs(queue, outcomes.length)
  const tokens = (await house.take(run, queue)).map((entry) => entry.current_job.id)
  expect(tokens).toHaveLength(outcomes.length)
  await house.turn(run, queue, { reports: tokens.map((token, i) => ({ token, outcome: outcomes[i]!, ...more })) })
}

const times = (count: number, outcome: Report['outcome']): Report['outcome'][] => Array(count).fill(outcome)

async function queueOf(house: House, settings: Parameters<House['queue']>[0] = {}): Promise<string> {
  const queue = await house.queue({
    workers: 10,
    edge_function_name: settings.url ? null : `fn-${randomUUID()}`,
    ...settings,
  })
  await house.turn(run, queue)
  return queue
}

const closed = { failures: 0, openings: 0, opened_at: null, open_until: null, reason: null }

describe('the circuit of a target', () => {
  test('opens for a second when the fifth call in a row is deferred, and says why', async ({ house }) => {
    const queue = await queueOf(house)
    await called(house, queue, times(2, 'deferred'))
    await called(house, queue, times(2, 'deferred'))
    const before = await house.circuit(queue)

    await called(house, queue, ['deferred'], { error: 'too many requests', retry_after_ms: 0 })

    expect(before).toMatchObject({ failures: 4, openings: 0, opened_at: null, open_until: null })
    const { opened_at, open_until, ...circuit } = await house.circuit(queue)
    expect(circuit).toMatchObject({ failures: 5, openings: 1, reason: 'too many requests' })
    expect(open_until - opened_at).toBe(1000)
  })

  test('opens for as long as the target asked, the longest of them', async ({ house }) => {
    const queue = await queueOf(house)
    await called(house, queue, times(4, 'deferred'), { retry_after_ms: 20_000 })

    await called(house, queue, ['deferred'], { retry_after_ms: 30_000 })

    const { opened_at, open_until } = await house.circuit(queue)
    expect(open_until - opened_at).toBe(30_000)
  })

  test('opens for an hour at most, whatever the target asked', async ({ house }) => {
    const queue = await queueOf(house)

    await called(house, queue, times(5, 'deferred'), { retry_after_ms: 1e12 })

    const { opened_at, open_until } = await house.circuit(queue)
    expect(open_until - opened_at).toBe(3_600_000)
  })

  test.for([[1, 2_000], [2, 4_000], [3, 8_000], [8, 256_000], [9, 300_000], [1000, 300_000]] as const)(
    'deferred again after %i openings opens for %i ms',
    async ([openings, wait], { house }) => {
      const queue = await queueOf(house)
      await house.openCircuit(queue, '-1 second', openings)

      const begun = Date.now()
      await called(house, queue, ['deferred'], { retry_after_ms: 0 })

      const circuit = await house.circuit(queue)
      expect(circuit).toMatchObject({ failures: 6, openings: openings + 1, open: true })
      expect(circuit.left_ms).toBeLessThanOrEqual(wait)
      expect(circuit.left_ms).toBeGreaterThan(wait - 10 - (Date.now() - begun))
    },
  )

  test('still says since when it has been open, when it opens again', async ({ house }) => {
    const queue = await queueOf(house)
    await house.openCircuit(queue, '-1 second')
    const { opened_at } = await house.circuit(queue)

    await called(house, queue, ['deferred'])

    expect((await house.circuit(queue)).opened_at).toEqual(opened_at)
  })

  test('is not opened for longer by calls that were under way when it opened', async ({ house }) => {
    const queue = await queueOf(house)
    await house.jobs(queue, 7)
    const tokens = (await house.take(run, queue)).map((entry) => entry.current_job.id)
    await house.report(run, queue, tokens.slice(0, 5), 'deferred')
    const { open_until } = await house.circuit(queue)

    await house.report(run, queue, tokens.slice(5), 'deferred', { retry_after_ms: 60_000 })

    expect(await house.circuit(queue)).toMatchObject({ failures: 7, openings: 1, open_until })
  })

  test('stays closed while most calls get through', async ({ house }) => {
    const queue = await queueOf(house)

    for (let turn = 0; turn < 4; turn++) {
      await called(house, queue, [...times(3, 'success'), ...times(3, 'deferred')])
      expect(await house.circuit(queue)).toMatchObject(closed)
    }
  })

  test('counts from the last call that got through', async ({ house }) => {
    const queue = await queueOf(house)
    await called(house, queue, times(4, 'deferred'))

    await called(house, queue, ['success', ...times(4, 'deferred')])

    expect(await house.circuit(queue)).toMatchObject({ failures: 4, open_until: null })
  })

  test.for(['success', 'failed', 'rescheduled', 'killed', 'dropped', 'continued', 'later'] as const)(
    'closes by the first call that got through, with the outcome %s',
    async (outcome, { house }) => {
      const queue = await queueOf(house)
      await house.openCircuit(queue, '-1 second', 3)

      await called(house, queue, [outcome], { run_at: '2100-01-01', state: 1 })

      expect(await house.circuit(queue)).toMatchObject(closed)
    },
  )

  test.for(['unknown', 'not_run'] as const)(
    'learns nothing by a call with the outcome %s',
    async (outcome, { house }) => {
      const queue = await queueOf(house)
      await house.openCircuit(queue, '-1 second', 3)
      const before = await house.circuit(queue)

      await called(house, queue, [outcome])

      const { failures, openings, reason } = before
      expect(await house.circuit(queue)).toMatchObject({ failures, openings, reason })
    },
  )

  test('hands the rest of the jobs out in the very turn that closes it', async ({ house }) => {
    const queue = await queueOf(house)
    await house.jobs(queue, 4)
    await house.openCircuit(queue, '-1 second')
    const [probe] = await house.take(run, queue)

    const { jobs } = await house.turn(run, queue, {
      reports: [{ token: probe!.current_job.id, outcome: 'success' }],
      room: 25,
    })

    expect(jobs).toHaveLength(3)
  })

  test('of another queue is left alone', async ({ house }) => {
    const [queue, other] = [await queueOf(house), await queueOf(house)]
    await house.openCircuit(other)
    const before = await house.circuit(other)

    await called(house, queue, times(5, 'deferred'))
    await called(house, queue, [])

    const { left_ms: _, ...rest } = before
    expect(await house.circuit(other)).toMatchObject(rest)
    await house.jobs(queue, 1)
    expect(await house.take(run, queue)).toEqual([])
  })

  test('that somebody holds is not waited for', async ({ house, another }) => {
    const queue = await queueOf(house)
    await called(house, queue, ['deferred'])
    const before = await house.circuit(queue)
    const user = await another()
    await user.begin()
    await user.db.query('select from supaqueue.circuit for update')

    await house.impatient()
    await called(house, queue, times(5, 'deferred'))
    await called(house, queue, ['success'])
    await user.rollback()

    expect(await house.circuit(queue)).toEqual(before)
  })

  test('that somebody is just making is not waited for', async ({ house, another }) => {
    const [queue, other] = [await queueOf(house), await queueOf(house)]
    const maker = await another()
    await house.jobs(other, 5)
    const tokens = (await maker.take(run, other)).map((entry) => entry.current_job.id)
    await maker.begin()
    await maker.report(run, other, tokens, 'deferred')

    await house.impatient()
    await called(house, queue, times(5, 'deferred'))
    await maker.commit()
    await called(house, queue, ['deferred'])

    expect(await house.circuit(other)).toMatchObject({ failures: 5, open: true })
    expect(await house.circuit(queue)).toMatchObject({ failures: 1, open: false })
  })
})

test('a sweep and what is ended by hand leave the circuit alone', async ({ house }) => {
  const queue = await queueOf(house)
  await house.jobs(queue, 2)
  const [lost, ended] = (await house.take(run, queue)).map((entry) => entry.current_job.id)
  await house.openCircuit(queue, '-1 second')

  await house.db.query(`update supaqueue.current_job set lease_until = '2001-01-01' where id = $1`, [lost])
  await house.sweep()
  await house.endCurrentJob(ended!, true)

  expect(await house.circuit(queue)).toMatchObject({ failures: 5, openings: 1 })
})
