import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
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
  )('refuses %j', async ([{ name, place, result }, code, message], { harness }) => {
    const text = `[{"name": ${JSON.stringify(name)}, "place": ${JSON.stringify(place)}, "result": ${result}}]`

    expect(await refusal(harness.db.query('select supaqueue_internal.assert_steps($1)', [text]))).toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^Nothing was changed\. \S/),
    })
  })

  test('takes what fits to the byte', async ({ harness }) => {
    const text = JSON.stringify([{ name: 'a', place: 1, result: 'x'.repeat(262_142) }])

    await harness.db.query('select supaqueue_internal.assert_steps($1)', [text])
  })

  // Every field that note_steps and suspend read as a column.
  test.for([
    'name',
    'place',
    'occurrence',
    'item',
    'kind',
    'status',
    'version',
    'alone',
    'attempt',
    'items',
    'after_ms',
    'ms',
    'error',
    'key',
    'at',
    'anything',
  ])('writes no %s out that unfolds', async (field, { harness }) => {
    for (const bomb of ['1e131071', `[${Array(300).fill('1e131071').join(',')}]`, '{"a": 1e131071}', '["a"]', '{}']) {
      const rest = ['name', 'place'].includes(field)
        ? ''
        : '"name": "a", "place": 1, "status": "running", "kind": "wait", '
      const work = harness.db.query('select supaqueue_internal.assert_steps($1)', [`[{${rest}"${field}": ${bomb}}]`])

      expect(await refusal(work)).toMatchObject({ code: 'SQ422', hint: expect.stringMatching(/^Nothing was changed/) })
    }
  })

  test('refuses a key that no wait has', async ({ harness }) => {
    for (const key of [JSON.stringify('k'.repeat(201)), '17', 'true']) {
      const work = harness.db.query('select supaqueue_internal.assert_steps($1)', [
        `[{"name": "a", "place": 1, "key": ${key}}]`,
      ])

      expect((await refusal(work)).code).toBe('SQ422')
    }
  })
})
