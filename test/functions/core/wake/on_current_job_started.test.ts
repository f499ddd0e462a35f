import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, house as houseOf, test } from '../../../support/house.ts'

describe('current jobs that no run has', () => {
  test.for([[1, 1], [4, 1], [5, 2], [8, 2], [9, 3]] as const)(
    'tick by the lanes of a run: %i jobs at 4 lanes by %i ticks',
    async ([jobs, ticks], { house }) => {
      const queue = await house.queue({ workers: 20 })
      await house.setting('lanes', '4')

      await house.jobs(queue, jobs)
      await house.db.query(`delete from supaqueue.setting where name = 'lanes'`)

      expect(await house.ticks(queue)).toBe(ticks)
    },
  )

  test('tick for each queue of their own', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const [one, two] = [await house.queue({ workers: 2 }), await house.queue({ workers: 2 })]

    await house.transaction(async () => {
      await house.jobs(one, 2)
      await house.jobs(two, 2)
    })

    expect([await house.ticks(one), await house.ticks(two)]).toEqual([1, 1])
  })
})

describe('current jobs of several statements of a transaction', () => {
  // Somebody is awake, so that the bells of the new workers tick for nobody.
  const awake = async (house: House) => {
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)
    await house.jobs(queue, 2)
    const pair = async () => {
      await house.workers(queue, 1)
      await house.db.query('select supaqueue.process_jobs($1)', [queue])
    }
    return { queue, pair }
  }

  test('tick once: one run has lanes for them', async ({ house }) => {
    const { queue, pair } = await awake(house)

    await house.transaction(async () => {
      await pair()
      await pair()
    })

    expect(await house.inProgress(queue)).toHaveLength(2)
    expect(await house.ticks(queue)).toBe(1)
  })

  test('rely on no tick of a transaction before', async ({ house }) => {
    const { queue, pair } = await awake(house)

    await house.transaction(pair)
    await house.transaction(pair)

    expect(await house.inProgress(queue)).toHaveLength(2)
    expect(await house.ticks(queue)).toBe(2)
  })

  test('do not rely on a tick that was rolled back', async ({ house }) => {
    const { queue, pair } = await awake(house)

    await house.transaction(async () => {
      await house.db.query('savepoint before')
      await pair()
      await house.db.query('rollback to before')
      await pair()
    })

    expect(await house.inProgress(queue)).toHaveLength(1)
    expect(await house.ticks(queue)).toBe(1)
  })
})

test('a current job that its run begins at once ticks for nobody', async ({ house }) => {
  const queue = await house.queue({ workers: 1 })
  const run = randomUUID()
  await house.turn(run, queue)
  await house.job(queue)

  expect(await house.take(run, queue)).toHaveLength(1)

  expect(await house.ticks(queue)).toBe(0)
})
