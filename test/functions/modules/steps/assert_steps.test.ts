import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('assert_steps', () => {
  test.for(
    [
      [{ name: 'a', place: 1, result: '1e400' }, 'SQ422', /no double holds/],
      [{ name: 'deep', place: 1, result: '['.repeat(600) + ']'.repeat(600) }, 'SQ422', /step deep is nested/],
      [{ name: 'wide', place: 1, result: JSON.stringify('x'.repeat(262_143)) }, 'SQ413', /step wide has 262145 bytes/],
      [{ name: 'a', place: 'first', result: '1' }, 'SQ422', /place/],
      [{ name: ['a'], place: 1, result: '1' }, 'SQ422', /name/],
    ] as const,
  )('refuses %j', async ([{ name, place, result }, code, message], { house }) => {
    const text = `[{"name": ${JSON.stringify(name)}, "place": ${JSON.stringify(place)}, "result": ${result}}]`

    expect(await refusal(house.db.query('select supaqueue_internal.assert_steps($1)', [text]))).toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^Nothing was changed\. \S/),
    })
  })

  test('takes what fits to the byte', async ({ house }) => {
    const text = JSON.stringify([{ name: 'a', place: 1, result: 'x'.repeat(262_142) }])

    await house.db.query('select supaqueue_internal.assert_steps($1)', [text])
  })
})
