import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { counters, fold, happened } from './counters.ts'

describe('add_counters', () => {
  test('of what cannot be added leaves out that alone, and says so', async ({ house, another }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    await fold(house)
    const owner = await another('owner')
    await owner.db.query(
      `alter table supaqueue.counter add constraint mine check (queue <> '${queue}' or wake_ups = 0)`,
    )
    await happened(house, queue, { wake_ups: 1 })
    await happened(house, queue, { runs: 2 })
    await happened(house, other, { wake_ups: 3 })

    await fold(house)

    expect(await counters(house, queue)).toMatchObject({ runs: 2 })
    expect(await counters(house, other)).toMatchObject({ wake_ups: 3 })
    const { rows } = await house.db.query('select kind, queue, code from supaqueue.trouble')
    expect(rows).toEqual([{ kind: 'counters', queue, code: '23514' }])
  })

  test('stays at what JavaScript can count', async ({ house }) => {
    const queue = await house.queue()
    await fold(house)
    await house.db.query(
      `update supaqueue.counter set enqueued = 9007199254740991, waits = '{9223372036854775807}' where queue = $1`,
      [queue],
    )
    await happened(house, queue, { enqueued: 1, wait_ms: [1] })

    await fold(house)

    expect(await counters(house, queue)).toMatchObject({ enqueued: 9007199254740991 })
  })
})
