import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const expectRun = (house: House, queue: string) => house.db.query('select supaqueue_internal.note_wake($1)', [queue])

describe('note_wake', () => {
  test('has nobody wake a run again for five seconds, and whoever comes become the leader', async ({ house }) => {
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)

    const begun = Date.now()
    await expectRun(house, queue)

    const { rows: [{ seconds }] } = await house.db.query(
      `select extract(epoch from awake_until - clock_timestamp())::float as seconds
       from supaqueue.heartbeat where queue = $1`,
      [queue],
    )
    expect(seconds).toBeGreaterThan(4.99 - (Date.now() - begun) / 1000)
    expect(seconds).toBeLessThanOrEqual(5)
    expect((await house.turn(randomUUID(), queue)).leader).toBe(true)
  })

  test('touches no other queue', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]

    await expectRun(house, queue)

    expect((await house.heartbeat(other)).awake).toBe(false)
  })

  test('does not wait for whoever holds the heartbeat', async ({ house, another }) => {
    const queue = await house.queue()
    const user = await another()
    await user.begin()
    await user.holdPulse(queue)

    await house.impatient()
    await expectRun(house, queue)

    expect((await house.heartbeat(queue)).awake).toBe(false)
  })
})
