import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { counters, fold, happened } from './counters.ts'

describe('add_counters', () => {
  test('of what cannot be added leaves out that alone, and says so', async ({ harness, another }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await fold(harness)
    const owner = await another('owner')
    await owner.db.query(
      `alter table supaqueue.counter add constraint mine check (queue <> '${queue}' or wake_ups = 0)`,
    )
    await happened(harness, queue, { wake_ups: 1 })
    await happened(harness, queue, { runs: 2 })
    await happened(harness, other, { wake_ups: 3 })

    await fold(harness)

    expect(await counters(harness, queue)).toMatchObject({ runs: 2 })
    expect(await counters(harness, other)).toMatchObject({ wake_ups: 3 })
    const { rows } = await harness.db.query('select kind, queue, code from supaqueue.trouble')
    expect(rows).toEqual([{ kind: 'counters', queue, code: '23514' }])
  })

  test('stays at what JavaScript can count', async ({ harness }) => {
    const queue = await harness.queue()
    await fold(harness)
    await harness.db.query(
      `update supaqueue.counter set enqueued = 9007199254740991, waits = '{9223372036854775807}' where queue = $1`,
      [queue],
    )
    await happened(harness, queue, { enqueued: 1, wait_ms: [1] })

    await fold(harness)

    expect(await counters(harness, queue)).toMatchObject({ enqueued: 9007199254740991 })
  })
})
