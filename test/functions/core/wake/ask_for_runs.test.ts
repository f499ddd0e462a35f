import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, house as houseOf, test } from '../../../support/house.ts'

/** Makes the last tick so many seconds old. */
const ageTick = (house: House, queue: string, seconds: number) =>
  house.db.query(
    `update supaqueue.pulse set ticked_at = clock_timestamp() - $2 * interval '1 second' where queue = $1`,
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
  test('ticks for a further run when jobs are due and workers free', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })

    expect(await house.take(leader, queue, 2)).toHaveLength(2)

    expect(await house.ticks(queue)).toBe(1)
    expect(await house.take(randomUUID(), queue)).toHaveLength(3)
  })

  test('ticks once for as many jobs as one run has lanes', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    await house.setting('lanes', '4')
    const { queue, leader } = await keptQueue(house, { workers: 20, jobs: 13 })

    await house.take(leader, queue, 4)

    expect(await house.ticks(queue)).toBe(3)
  })

  test.for(
    [
      ['every worker is busy', { workers: 2, jobs: 5 }],
      ['nothing more is due', { workers: 5, jobs: 2 }],
    ] as const,
  )('ticks for nobody when %s', async ([, situation], { house }) => {
    const { queue, leader } = await keptQueue(house, situation)

    await house.take(leader, queue, 2)

    expect(await house.ticks(queue)).toBe(0)
  })

  test('ticks for nobody when the queue is paused', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await house.update('queue', queue, { paused: true })

    await house.turn(leader, queue)

    expect(await house.ticks(queue)).toBe(0)
  })

  test('ticks again a second after the last tick, and not before', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    const ticks: number[] = []

    for (const seconds of [-30, 2, -30]) {
      await ageTick(house, queue, seconds)
      await house.turn(leader, queue)
      ticks.push(await house.ticks(queue))
    }

    expect(ticks).toEqual([0, 1, 1])
  })

  test('ticks, too, when the clock was set back since the last tick', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await ageTick(house, queue, -3600)

    await house.turn(leader, queue)

    expect(await house.ticks(queue)).toBe(1)
  })

  test('writes down when it ticked', async ({ house }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    await ageTick(house, queue, 3600)

    await house.turn(leader, queue)

    const { rows } = await house.db.query(
      `select ticked_at > clock_timestamp() - interval '1 minute' as fresh from supaqueue.pulse where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([{ fresh: true }])
  })

  test('does not wait for whoever holds the pulse', async ({ house, another }) => {
    const { queue, leader } = await keptQueue(house, { workers: 5, jobs: 5 })
    const user = await another()
    await user.begin()
    await user.holdPulse(queue)

    await house.impatient()

    expect(await house.turn(leader, queue)).toMatchObject({ state: 'awake', leader: true })
  })
})

test('a run that is not the leader ticks for nobody', async ({ house }) => {
  const { queue } = await keptQueue(house, { workers: 5, jobs: 5 })

  await house.take(randomUUID(), queue, 2)

  expect(await house.ticks(queue)).toBe(0)
})
