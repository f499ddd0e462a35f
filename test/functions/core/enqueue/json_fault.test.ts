import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { functionFiles } from '../../../../scripts/cli/database/files.ts'
import { bombs, fits } from '../../../support/bombs.ts'
import { type Harness, test } from '../../../support/harness.ts'

const faultOf = async (harness: Harness, json: string) =>
  (await harness.db.query('select supaqueue_internal.json_fault($1::jsonb) as fault', [json])).rows[0].fault

describe('json_fault', () => {
  test.for(bombs)('names %s', async ([what, json], { harness }) => {
    expect(await faultOf(harness, json)).toContain(what.startsWith('nesting') ? '500 levels' : '341 decimal places')
  })

  test.for(fits)('lets %.40s pass', async (json, { harness }) => {
    expect(await faultOf(harness, json)).toBe(null)
  })

  test('has the path that all have who spare themselves the call', () => {
    const paths = functionFiles().flatMap(({ path, sql }) =>
      [...sql.matchAll(/'strict exists\([^']*'/g)].map(([found]) => ({ path, found }))
    )

    expect(paths.length).toBeGreaterThan(3)
    expect(new Set(paths.map(({ found }) => found)), JSON.stringify(paths)).toHaveProperty('size', 1)
  })

  test('lets null of SQL pass', async ({ harness }) => {
    const { rows } = await harness.db.query('select supaqueue_internal.json_fault(null) as fault')

    expect(rows).toEqual([{ fault: null }])
  })

  test('knows decimal places that arithmetic has left, whatever the value', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select value, places, supaqueue_internal.json_fault(to_jsonb(round(value, places))) is null as fits
      from unnest('{0, 1, 3, -7.5, 1e300, 1e-20, 123456789.987654321}'::numeric[]) as value,
        unnest('{0, 20, 100, 341, 342, 1000, 16383}'::integer[]) as places`)

    for (const { value, places, fits } of rows) expect([value, places, fits]).toEqual([value, places, places <= 341])
  })

  test('finds any number that is written with an exponent beyond, wherever it stands, and none that is not', async ({ harness }) => {
    const number = fc.record({
      sign: fc.constantFrom('', '-'),
      mantissa: fc.constantFrom('0', '1', '9.99', '3.000', '12345678901234567890'),
      exponent: fc.integer({ min: -16_000, max: 130_000 }),
    })
    const place = fc.constantFrom('%', '[%]', '{"a": %}', '[1, {"b": [%, null]}]', '[[], {}, "1e99999", %]')

    await fc.assert(
      fc.asyncProperty(number, place, async ({ sign, mantissa, exponent }, around) => {
        const json = around.replace('%', `${sign}${mantissa}e${exponent}`)
        const { rows: [{ large, places }] } = await harness.db.query(
          `select abs($1::numeric) > 1.8e308 as large, scale($1::numeric) as places`,
          [`${sign}${mantissa}e${exponent}`],
        )

        expect(await faultOf(harness, json) === null).toBe(!large && places <= 341)
      }),
      { numRuns: 100 },
    )
  })

  test('lets every value pass that JavaScript can write', async ({ harness }) => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
        expect(await faultOf(harness, JSON.stringify({ value }))).toBe(null)
      }),
      { numRuns: 100 },
    )
  })
})
