import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called } from './support.ts'

describe('a signal that is inserted by hand', () => {
  test('takes the defaults of its columns for nulls', async ({ harness }) => {
    const { job } = await called(harness)

    const { rows: [row] } = await harness.db.query(
      `insert into supaqueue.signal (job, name, payload, created_at, late) values ($1, 'approval', null, null, null) returning *`,
      [job],
    )

    expect(row).toMatchObject({ payload: null, late: false, created_at: expect.any(Date) })
  })

  test.for(
    [[`'1e400'`, 'SQ422'], [`to_jsonb(repeat('x', 262143))`, 'SQ413']] as const,
  )('is refused with %s', async ([payload, code], { harness }) => {
    const { job } = await called(harness)

    const insert = harness.db.query(`insert into supaqueue.signal (job, name, payload) values ($1, 'a', ${payload})`, [
      job,
    ])

    expect(await refusal(insert)).toMatchObject({ code, hint: expect.stringMatching(/\S/) })
    expect((await harness.db.query('select from supaqueue.signal where job = $1', [job])).rowCount).toBe(0)
  })
})
