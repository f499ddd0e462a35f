import { expect } from 'vitest'
import { MADE_ROUTINES } from '../../../../scripts/cli/database/own.ts'
import { test } from '../../../support/harness.ts'

test('hook_routine is a name that is known for ours', async ({ harness }) => {
  const { rows } = await harness.db.query(`select supaqueue_internal.hook_routine(gen_random_uuid()) ~ $1 as known`, [
    MADE_ROUTINES,
  ])

  expect(rows).toEqual([{ known: true }])
})
