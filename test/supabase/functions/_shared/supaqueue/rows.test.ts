import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsOf } from '../../../../../supabase/functions/_shared/supaqueue/rows.ts'
import type { Supabase } from '../../../../../supabase/functions/_shared/supaqueue/supabase.ts'

/** A Data API that answers with at most `maxRows` rows, as a project's setting says. */
function cutting(maxRows: number, jobs: number[]) {
  const asked: number[][] = []
  const query = (rows: { id: unknown }[]) => ({
    eq: () => query(rows),
    in(_: string, ids: number[]) {
      asked.push(ids)
      return query(jobs.filter((id) => ids.includes(id)).map((id) => ({ id })))
    },
    abortSignal: () => Promise.resolve({ data: rows.slice(0, maxRows), error: null, status: 200 }),
  })
  const from = (table: string) => ({ select: () => query(table === 'queue' ? [{ id: 'queue' }] : []) })
  return { supabase: { schema: () => ({ from }) } as unknown as Supabase, asked }
}

test('finds every job there is, however few rows the project allows per answer', async () => {
  const asked = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 5, maxLength: 50 })
    .chain((ids) => fc.record({ ids: fc.constant(ids), there: fc.subarray(ids) }))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), asked, async (maxRows, { ids, there }) => {
      const { supabase, asked } = cutting(maxRows, there)

      const rows = await rowsOf(supabase, 'sums')(ids)

      expect(rows.map(({ id }) => id).sort()).toEqual([...there].sort())
      expect(asked.length).toBeLessThanOrEqual(Math.ceil(there.length / maxRows) + 1)
    }),
  )
})

test('asks once where all of them come', async () => {
  const { supabase, asked } = cutting(200, [1, 2, 3])

  await rowsOf(supabase, 'sums')([1, 2, 3])

  expect(asked).toEqual([[1, 2, 3]])
})
