import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [[0, 0], [1, 0], [1.1, 1], [2, 2], [2.1, 3], [4, 4], [1000, 20], [94906264, 53], [1e9, 53], [Infinity, 53]] as const,
)(
  '%d ms belong to step %d, which its bound is in',
  async ([ms, step], { harness }) => {
    const { rows } = await harness.db.query('select supaqueue_internal.latency_step($1) as step', [ms])

    expect(rows).toEqual([{ step }])
  },
)
