import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { type Harness, test } from '../../../support/harness.ts'

const oversize = async (harness: Harness, json: string, most: number | null) =>
  (await harness.db.query('select supaqueue_internal.oversize($1::jsonb, $2) as said', [json, most])).rows[0].said

describe('oversize', () => {
  test('is exact up to what fits, whatever the value', async ({ harness }) => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        const { rows: [{ bytes }] } = await harness.db.query(
          'select octet_length($1::jsonb::text) as bytes',
          [json.replaceAll('\\u0000', '')],
        )
        const clean = json.replaceAll('\\u0000', '')

        expect(await oversize(harness, clean, bytes)).toBe(null)
        expect(await oversize(harness, clean, bytes - 1)).toMatch(/^(at least )?\d+$/)
      }),
      { numRuns: 100 },
    )
  })

  test('says the number of what is a little too large', async ({ harness }) => {
    expect(await oversize(harness, JSON.stringify('x'.repeat(1000)), 1001)).toBe('1002')
  })

  // The smallest as text of what there is: stored they take the most.
  test.for(['[]', '{}', '0', '""', '1', '[0]', '{"":0}', 'true', '[[]]'])(
    'takes a list of 20000 times %s by what it has as text',
    async (item, { harness }) => {
      const json = `[${Array(20_000).fill(item).join(', ')}]`
      const { rows: [{ bytes }] } = await harness.db.query('select octet_length($1::jsonb::text) as bytes', [json])

      expect(await oversize(harness, json, bytes)).toBe(null)
    },
  )

  test('does not write out what is far too large, nor what would unfold', async ({ harness }) => {
    expect(await oversize(harness, JSON.stringify('x'.repeat(100_000)), 1000)).toMatch(/^at least \d+$/)
    expect(await oversize(harness, `[${Array(20_000).fill('1e308').join(',')}]`, 65_536)).toMatch(/^at least \d+$/)
    for (const [, json] of bombs) expect(await oversize(harness, json, 2_147_483_647)).toMatch(/^at least \d+$/)
  })

  test('finds what would unfold where no limit is known', async ({ harness }) => {
    for (const [, json] of bombs) expect(await oversize(harness, json, null)).not.toBe(null)
  })

  test('measures what is stored compressed as it is without', async ({ another }) => {
    const admin = await another('admin')
    await admin.db.query(`
      create temporary table kept (value jsonb);
      insert into kept select to_jsonb(repeat('x', 1000000))`)

    const { rows } = await admin.db.query(
      'select pg_column_size(value) < 100000 as small, supaqueue_internal.oversize(value, 100000) as said from kept',
    )

    expect(rows).toEqual([{ small: true, said: expect.stringMatching(/^at least \d+$/) }])
  })
})
