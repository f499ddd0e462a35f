import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const triggers = async (harness: Harness): Promise<number> =>
  (await harness.db.query(
    `select from pg_trigger where tgname ~ '^on_lines?_' and tgrelid = 'supaqueue.job'::regclass`,
  ))
    .rowCount!

describe('keep_order', () => {
  test('costs jobs nothing until a queue is ordered, and nothing again after the sweep once none is', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const plain = await triggers(harness)
    const queue = await harness.queue({ ordered: 'key' })
    const during = await triggers(harness)
    await harness.update('queue', queue, { ordered: null })
    await harness.sweep()

    expect([plain, during, await triggers(harness)]).toEqual([0, 4, 0])
  })

  test('has nothing to say in a migration', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())

    expect(
      await harness.notices(async () => {
        await harness.db.query(`select supaqueue.create_queue('in order', 'order', workers => 1, ordered => 'key')`)
        await harness.db.query(`update supaqueue.queue set ordered = null`)
        await harness.sweep()
      }),
    ).toEqual([])
  })

  test('keeps them when all is installed anew', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await harness.queue({ ordered: 'queue' })

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await triggers(harness)).toBe(4)
  })

  test('puts no queue in order behind a long transaction: says so, and nobody waits for long', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const writer = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await writer.begin()
    await writer.job(queue)

    const reason = await refusal(harness.update('queue', queue, { ordered: 'key' }))
    await writer.rollback()

    expect(reason).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
    expect((await harness.db.query('select ordered from supaqueue.queue where id = $1', [queue])).rows).toEqual([{
      ordered: null,
    }])
    await harness.update('queue', queue, { ordered: 'key' })
  })
})
