import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { called } from './support.ts'

describe('a signal that is inserted by hand', () => {
  test('takes the defaults of its columns for nulls', async ({ house }) => {
    const { job } = await called(house)

    const { rows: [row] } = await house.db.query(
      `insert into supaqueue.signal (job, name, payload, created_at, late) values ($1, 'approval', null, null, null) returning *`,
      [job],
    )

    expect(row).toMatchObject({ payload: null, late: false, created_at: expect.any(Date) })
  })

  test.for(
    [[`'1e400'`, 'SQ422'], [`to_jsonb(repeat('x', 262143))`, 'SQ413']] as const,
  )('is refused with %s', async ([payload, code], { house }) => {
    const { job } = await called(house)

    const insert = house.db.query(`insert into supaqueue.signal (job, name, payload) values ($1, 'a', ${payload})`, [
      job,
    ])

    expect(await refusal(insert)).toMatchObject({ code, hint: expect.stringMatching(/\S/) })
    expect((await house.db.query('select from supaqueue.signal where job = $1', [job])).rowCount).toBe(0)
  })
})
