import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, house as houseOf, test } from '../../../support/house.ts'

/** Makes the last wake-up so many seconds old. */
const ageWakeUp = (house: House, queue: string, seconds: number) =>
  house.db.query(
    `update supaqueue.heartbeat set woken_at = clock_timestamp() - $2 * interval '1 second' where queue = $1`,
    [queue, seconds],
  )

/** A queue whose leader is there, with jobs that nobody has begun. */
async function keptQueue(house: House, { workers, jobs }: { workers: number; jobs: number }) {
  const queue = await house.queue({ workers })
  const leader = randomUUID()
  await house.turn(leader, queue)
  await house.jobs(queue, jobs)
  return { queue, leader }
}

describe('a leader without room', () => {
  test('wakes a further run when jobs are due and workers free', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })

    expect(await house.take(leader, queue, 2)).toHaveLength(2)

    expect(await house.wakeUps(queue)).toBe(1)
    expect(await house.take(randomUUID(), queue)).toHaveLength(3)
  })

  test('wakes once for as many jobs as one run calls at once', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    await house.setting('concurrency', '4')
    const { queue, leader } = await keptQueue(house, { workers: 20, jobs: 13 })

    await house.take(leader, queue, 4)

    expect(await house.wakeUps(queue)).toBe(3)
  })

  test.for(
    [
      ['every worker is busy', { workers: 2, jobs: 5 }],
      ['nothing more is due', { workers: 5, jobs: 2 }],
    ] as const,
  )('wakes nobody when %s', async ([, situation], { house }) => {
    const { queue, leader } = await keptQueue(house, situation)

    await house.take(leader, queue, 2)

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('wakes nobody when the queue is paused', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await house.update('queue', queue, { paused: true })

    await house.turn(leader, queue)

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('wakes it again a second after the last wake, and not before', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    const wakeUps: number[] = []

    for (const seconds of [-30, 2, -30]) {
      await ageWakeUp(house, queue, seconds)
      await house.turn(leader, queue)
      wakeUps.push(await house.wakeUps(queue))
    }

    expect(wakeUps).toEqual([0, 1, 1])
  })

  test('wakes one, too, when the clock was set back since the last wake-up', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await ageWakeUp(house, queue, -3600)

    await house.turn(leader, queue)

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('writes down when it woke a run', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await ageWakeUp(house, queue, 3600)

    await house.turn(leader, queue)

    const { rows } = await house.db.query(
      `select woken_at > clock_timestamp() - interval '1 minute' as fresh from supaqueue.heartbeat where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([{ fresh: true }])
  })

  test('does not wait for whoever holds the heartbeat', async ({ house, another }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await house.impatient()

    expect(await house.turn(leader, queue)).toMatchObject({ state: 'awake', leader: true })
  })
})

test('a run that is not the leader wakes nobody', async ({ house }) => {
  const { queue } = await keptQueue(house, { workers: 5, jobs: 5 })

  await house.take(randomUUID(), queue, 2)

  expect(await house.wakeUps(queue)).toBe(0)
})
