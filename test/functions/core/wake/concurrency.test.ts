import { describe, expect } from 'vitest'
import { readLimits } from '../../../../supabase/functions/supaqueue/settings/limits.ts'
import { test } from '../../../support/harness.ts'

describe('concurrency', () => {
  test.for(
    [
      ['7', 7],
      ['500', 500],
      ['501', 25],
      ['0', 25],
      ['-3', 25],
      ['many', 25],
      ['1e9', 25],
      ['', 25],
      [' 7', 25],
      ['7\n', 25],
      ['07', 25],
      ['+7', 25],
      ['7.0', 25],
      ['0x7', 25],
      ['7e0', 25],
    ] as const,
  )('are read from the setting "%s" as %i: what is not valid counts for the default', async (
    [value, concurrency],
    { harness },
  ) => {
    await harness.begin()
    await harness.setting('concurrency', value)

    const { rows } = await harness.db.query('select supaqueue_internal.concurrency() as concurrency')
    await harness.rollback()

    expect(rows).toEqual([{ concurrency }])
    // The run that is woken goes by the same number.
    expect(readLimits({ concurrency: value }).limits.concurrency).toBe(concurrency)
  })

  test('are 25 when there is no setting', async ({ harness }) => {
    const { rows } = await harness.db.query('select supaqueue_internal.concurrency() as concurrency')

    expect(rows).toEqual([{ concurrency: 25 }])
  })
})
