import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { ask } from '../../../support/ask.ts'
import { allow, openQueue } from '../../../support/door.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const isLive = async (harness: Harness): Promise<boolean> =>
  (await harness.db.query(`select from pg_trigger where tgname = 'on_job_shown'`)).rowCount === 1

describe('keep_live', () => {
  test('costs jobs nothing until a door is to be live, and again once none is', async ({ harness }) => {
    const quiet = await openQueue(harness)
    const before = await isLive(harness)
    const one = await openQueue(harness, { live: true })
    const other = await openQueue(harness, { live: true })
    const during = await isLive(harness)
    await ask(harness, 'revoke', { queue: one })
    const still = await isLive(harness)
    await allow(harness, other)

    expect([before, during, still, await isLive(harness)]).toEqual([false, true, true, false])
    await ask(harness, 'revoke', { queue: quiet })
  })

  test('has nothing to tell anon, who owns no jobs', async ({ harness }) => {
    await openQueue(harness, { live: true }, 'anon')

    expect(await isLive(harness)).toBe(false)
  })

  test('stays live when all is installed anew', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await openQueue(harness, { live: true })

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await isLive(harness)).toBe(true)
  })

  test('does not make a door live behind a long transaction: says so, and nobody waits for long', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const writer = await another()
    await writer.begin()
    await writer.job(queue)

    const reason = await refusal(allow(harness, queue, { live: true }))
    await writer.rollback()

    expect(reason).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
    expect((await harness.db.query('select live from supaqueue.door where queue = $1', [queue])).rows).toEqual([{
      live: false,
    }])
  })

  test('closes a door behind a long transaction all the same, and leaves the trigger until later', async ({ harness, another }) => {
    const queue = await openQueue(harness, { live: true })
    const writer = await another()
    await writer.begin()
    await writer.job(queue)

    const closed = await ask(harness, 'revoke', { queue })
    const left = await isLive(harness)
    await writer.rollback()
    const next = await openQueue(harness)
    await ask(harness, 'revoke', { queue: next })

    expect([closed, left, await isLive(harness)]).toEqual([true, true, false])
  })

  test('does not stand in the way of a queue that is deleted with its jobs', async ({ harness }) => {
    const queue = await openQueue(harness, { live: true })
    await harness.jobs(queue, 3)

    await ask(harness, 'delete_queue', { queue })

    expect((await harness.db.query('select from supaqueue.door')).rows.filter((row) => row.queue === queue)).toEqual([])
    const next = await openQueue(harness, { live: true })
    await ask(harness, 'revoke', { queue: next })
    expect(await isLive(harness)).toBe(false)
  })
})
