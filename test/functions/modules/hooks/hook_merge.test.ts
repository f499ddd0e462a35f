import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

type Row = Record<string, number | null> | null
type Body = { type: string; table: string; schema: string; record: Row; old_record: Row }

const row = fc.record({ id: fc.constant(1), a: fc.nat(2), b: fc.option(fc.nat(2)) })
const states = fc.array(fc.option(row), { minLength: 3, maxLength: 6 })
  // One row through its states; where nothing changes there is no change.
  .map((listed) => listed.filter((state, i) => i === 0 || JSON.stringify(state) !== JSON.stringify(listed[i - 1])))
  .filter((listed) => listed.length > 1)

const changed = (old_record: Row, record: Row): Body => ({
  type: !old_record ? 'INSERT' : !record ? 'DELETE' : 'UPDATE',
  table: 't',
  schema: 's',
  record,
  old_record,
})
const lesser = (body: Body): Body => ({
  ...body,
  old_record: body.record && body.old_record
    ? Object.fromEntries(
      Object.entries(body.old_record).filter(([key, value]) => value !== body.record![key]),
    )
    : body.old_record,
})

describe('hook_merge', () => {
  for (const payload of ['full', 'changes'] as const) {
    test(`of any changes of a row, ${payload}, is one change from the first state to the last`, async ({ harness }) => {
      const told = payload === 'full' ? (body: Body) => body : lesser
      const origin = (i: number) => ({ 'hook-at': `t${i}`, ...(payload === 'changes' && { 'hook-payload': payload }) })
      await fc.assert(
        fc.asyncProperty(states, async (listed) => {
          let merged: { payload: Body; origin: Record<string, string> } | undefined
          for (const [i, record] of listed.entries()) {
            if (i === 0) continue
            const change = told(changed(listed[i - 1]!, record))
            merged = merged
              ? (await harness.db.query(
                `select payload, origin from supaqueue_internal.hook_merge($1, $2, $3, $4, '{id}', 100000)`,
                [merged.payload, merged.origin, change, origin(i)].map((value) => JSON.stringify(value)),
              )).rows[0]
              : { payload: change, origin: origin(i) as Record<string, string> }
          }

          const [first, last, before] = [listed[0]!, listed.at(-1)!, listed.at(-2)!]
          const expected = first || last ? told(changed(first, last)) : { ...changed(before, null) }
          expect(merged!.payload).toEqual(expected)
          if (listed.length > 2) {
            expect(merged!.origin).toEqual({
              ...origin(listed.length - 1),
              ...(!first && !last ? { 'hook-came': 'yes' } : {}),
              'hook-merged': String(listed.length - 1),
              'hook-first-at': 't1',
            })
          }
        }),
        { numRuns: 100 },
      )
    })
  }

  test.for(
    [
      // What is known of one side by its keys alone is said of the whole.
      [{ 'hook-payload': 'keys' }, {}, 'keys'],
      [{}, { 'hook-payload': 'keys' }, 'keys'],
      [{ 'hook-payload': 'keys' }, { 'hook-payload': 'none' }, 'none'],
      [{ 'hook-payload': 'none' }, {}, 'keys'],
      [{}, {}, undefined],
    ] as const,
  )('of %j and %j says %s', async ([first, last, said], { harness }) => {
    const body = JSON.stringify(changed({ id: 1, a: 1 }, { id: 1, a: 2 }))
    const { rows: [{ origin }] } = await harness.db.query(
      `select origin from supaqueue_internal.hook_merge($1, $2, $1, $3, '{id}', 100000)`,
      [body, JSON.stringify(first), JSON.stringify(last)],
    )

    expect(origin['hook-payload']).toBe(said)
  })

  test('keeps to what the queue takes, and to what is true of all changes', async ({ harness }) => {
    const wide = (side: object) => JSON.stringify({ id: 1, text: 'x'.repeat(800), ...side })
    const { rows: [{ payload, origin }] } = await harness.db.query(
      `select payload, origin from supaqueue_internal.hook_merge(
         jsonb_build_object('type', 'UPDATE', 'record', null, 'old_record', $1::jsonb), $3,
         jsonb_build_object('type', 'UPDATE', 'record', $2::jsonb, 'old_record', null), $4, '{id}', 1000)`,
      [
        wide({ a: 1 }),
        wide({ a: 2 }),
        JSON.stringify({ 'hook-own': 'yes', 'hook-depth': '5', 'hook-changed': 'a,b' }),
        JSON.stringify({ 'hook-depth': '2', 'hook-changed': 'b,c', 'hook-backfill': 'yes' }),
      ],
    )

    expect(payload).toEqual({ type: 'UPDATE', record: { id: 1 }, old_record: { id: 1 } })
    expect(origin).toEqual({ 'hook-payload': 'keys', 'hook-merged': '2', 'hook-depth': '5', 'hook-changed': 'a,b,c' })
  })
})
