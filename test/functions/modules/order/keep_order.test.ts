import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { type House, house as houseOf, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const triggers = async (house: House): Promise<number> =>
  (await house.db.query(`select from pg_trigger where tgname ~ '^on_lines?_' and tgrelid = 'supaqueue.job'::regclass`))
    .rowCount!

describe('keep_order', () => {
  test('costs jobs nothing until a queue is ordered, and nothing again after the sweep once none is', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const plain = await triggers(house)
    const queue = await house.queue({ ordered: 'key' })
    const during = await triggers(house)
    await house.update('queue', queue, { ordered: null })
    await house.sweep()

    expect([plain, during, await triggers(house)]).toEqual([0, 4, 0])
  })

  test('has nothing to say in a migration', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())

    expect(
      await house.notices(async () => {
        await house.db.query(`select supaqueue.create_queue('in order', 'order', workers => 1, ordered => 'key')`)
        await house.db.query(`update supaqueue.queue set ordered = null`)
        await house.sweep()
      }),
    ).toEqual([])
  })

  test('keeps them when all is installed anew', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    await house.queue({ ordered: 'queue' })

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await triggers(house)).toBe(4)
  })

  test('puts no queue in order behind a long transaction: says so, and nobody waits for long', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const writer = houseOf(await ownDatabase.connect())
    const queue = await house.queue()
    await writer.begin()
    await writer.job(queue)

    const reason = await refusal(house.update('queue', queue, { ordered: 'key' }))
    await writer.rollback()

    expect(reason).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
    expect((await house.db.query('select ordered from supaqueue.queue where id = $1', [queue])).rows).toEqual([{
      ordered: null,
    }])
    await house.update('queue', queue, { ordered: 'key' })
  })
})
