import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

/** Makes the last wake-up so many seconds old. */
const ageWakeUp = (harness: Harness, queue: string, seconds: number) =>
  harness.db.query(
    `update supaqueue.heartbeat set woken_at = clock_timestamp() - $2 * interval '1 second' where queue = $1`,
    [queue, seconds],
  )

/** A queue whose leader is there, with jobs that nobody has begun. */
async function keptQueue(harness: Harness, { workers, jobs }: { workers: number; jobs: number }) {
  const queue = await harness.queue({ workers })
  const leader = randomUUID()
  await harness.turn(leader, queue)
  await harness.jobs(queue, jobs)
  return { queue, leader }
}

describe('a leader without room', () => {
  test('wakes a further run when jobs are due and workers free', async ({ harness }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })

    expect(await harness.take(leader, queue, 2)).toHaveLength(2)

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.take(randomUUID(), queue)).toHaveLength(3)
  })

  test('wakes once for as many jobs as one run calls at once', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await harness.setting('concurrency', '4')
    const { queue, leader } = await keptQueue(harness, { workers: 20, jobs: 13 })

    await harness.take(leader, queue, 4)

    expect(await harness.wakeUps(queue)).toBe(3)
  })

  test.for(
    [
      ['every worker is busy', { workers: 2, jobs: 5 }],
      ['nothing more is due', { workers: 5, jobs: 2 }],
    ] as const,
  )('wakes nobody when %s', async ([, situation], { harness }) => {
    const { queue, leader } = await keptQueue(harness, situation)

    await harness.take(leader, queue, 2)

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('wakes nobody when the queue is paused', async ({ harness }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })
    await harness.update('queue', queue, { paused: true })

    await harness.turn(leader, queue)

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('wakes it again a second after the last wake, and not before', async ({ harness }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })
    const wakeUps: number[] = []

    for (const seconds of [-30, 2, -30]) {
      await ageWakeUp(harness, queue, seconds)
      await harness.turn(leader, queue)
      wakeUps.push(await harness.wakeUps(queue))
    }

    expect(wakeUps).toEqual([0, 1, 1])
  })

  test('wakes one, too, when the clock was set back since the last wake-up', async ({ harness }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })
    await ageWakeUp(harness, queue, -3600)

    await harness.turn(leader, queue)

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('writes down when it woke a run', async ({ harness }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })
    await ageWakeUp(harness, queue, 3600)

    await harness.turn(leader, queue)

    const { rows } = await harness.db.query(
      `select woken_at > clock_timestamp() - interval '1 minute' as fresh from supaqueue.heartbeat where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([{ fresh: true }])
  })

  test('does not wait for whoever holds the heartbeat', async ({ harness, another }) => {
    const { queue, leader } = await keptQueue(harness, { workers: 5, jobs: 5 })
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()

    expect(await harness.turn(leader, queue)).toMatchObject({ state: 'awake', leader: true })
  })
})

test('a run that is not the leader wakes nobody', async ({ harness }) => {
  const { queue } = await keptQueue(harness, { workers: 5, jobs: 5 })

  await harness.take(randomUUID(), queue, 2)

  expect(await harness.wakeUps(queue)).toBe(0)
})
