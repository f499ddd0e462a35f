import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { ask } from '../../../support/ask.ts'
import { allow, openQueue } from '../../../support/door.ts'
import { type House, house as houseOf, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const isLive = async (house: House): Promise<boolean> =>
  (await house.db.query(`select from pg_trigger where tgname = 'on_job_shown'`)).rowCount === 1

describe('keep_live', () => {
  test('costs jobs nothing until a door is to be live, and again once none is', async ({ house }) => {
    const quiet = await openQueue(house)
    const before = await isLive(house)
    const one = await openQueue(house, { live: true })
    const other = await openQueue(house, { live: true })
    const during = await isLive(house)
    await ask(house, 'revoke', { queue: one })
    const still = await isLive(house)
    await allow(house, other)

    expect([before, during, still, await isLive(house)]).toEqual([false, true, true, false])
    await ask(house, 'revoke', { queue: quiet })
  })

  test('has nothing to tell anon, who owns no jobs', async ({ house }) => {
    await openQueue(house, { live: true }, 'anon')

    expect(await isLive(house)).toBe(false)
  })

  test('stays live when all is installed anew', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    await openQueue(house, { live: true })

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await isLive(house)).toBe(true)
  })

  test('does not make a door live behind a long transaction: says so, and nobody waits for long', async ({ house, another }) => {
    const queue = await openQueue(house)
    const writer = await another()
    await writer.begin()
    await writer.job(queue)

    const reason = await refusal(allow(house, queue, { live: true }))
    await writer.rollback()

    expect(reason).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
    expect((await house.db.query('select live from supaqueue.door where queue = $1', [queue])).rows).toEqual([{
      live: false,
    }])
  })

  test('closes a door behind a long transaction all the same, and leaves the trigger until later', async ({ house, another }) => {
    const queue = await openQueue(house, { live: true })
    const writer = await another()
    await writer.begin()
    await writer.job(queue)

    const closed = await ask(house, 'revoke', { queue })
    const left = await isLive(house)
    await writer.rollback()
    const next = await openQueue(house)
    await ask(house, 'revoke', { queue: next })

    expect([closed, left, await isLive(house)]).toEqual([true, true, false])
  })

  test('does not stand in the way of a queue that is deleted with its jobs', async ({ house }) => {
    const queue = await openQueue(house, { live: true })
    await house.jobs(queue, 3)

    await ask(house, 'delete_queue', { queue })

    expect((await house.db.query('select from supaqueue.door')).rows.filter((row) => row.queue === queue)).toEqual([])
    const next = await openQueue(house, { live: true })
    await ask(house, 'revoke', { queue: next })
    expect(await isLive(house)).toBe(false)
  })
})
