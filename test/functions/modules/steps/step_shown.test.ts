import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from './support.ts'

test('step_shown says how long a step still waits, and leaves out what there is not', async ({ harness }) => {
  const { job, token } = await called(harness)
  await steps(harness).suspend(token, [{ name: 'nap', kind: 'sleep', after_ms: 60_000 }])

  const { rows: [{ shown }] } = await harness.db.query(
    `select supaqueue_internal.step_shown(step, step.until - interval '5 seconds') as shown from supaqueue.step where job = $1`,
    [job],
  )

  expect(shown).toEqual({
    name: 'nap',
    occurrence: 1,
    item: 0,
    kind: 'sleep',
    status: 'sleeping',
    place: 1,
    alone: false,
    attempts: 0,
    left_ms: 5000,
  })
})
