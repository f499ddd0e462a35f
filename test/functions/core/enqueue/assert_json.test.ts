import { describe, expect } from 'vitest'
import { bombs, fits } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('assert_json', () => {
  test.for(bombs)('refuses %s, and says what it is in', async ([, json], { another }) => {
    const { db } = await another('owner')

    expect(await refusal(db.query(`select supaqueue_internal.assert_json('the list', $1)`, [json]))).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^the list (has a number that no double holds|is nested more than 500 levels)/),
      hint: expect.stringContaining('Nothing was changed'),
    })
  })

  test('takes the rest, and nothing', async ({ another }) => {
    const { db } = await another('owner')

    for (const json of [...fits, null]) await db.query(`select supaqueue_internal.assert_json('the list', $1)`, [json])
  })
})
