import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const add = async (harness: Harness, one: number[] | null, other: number[] | null) =>
  (await harness.db.query('select supaqueue_internal.add_steps($1, $2) as steps', [one, other])).rows[0].steps.map(
    Number,
  )

test('two histograms are added step by step, in order', async ({ harness }) => {
  expect(await add(harness, [1, 2, 30], [10, 0, 5])).toEqual([11, 2, 35])
})

test('one that is null, empty or shorter adds nothing where it has no step', async ({ harness }) => {
  expect(await add(harness, null, [1, 2])).toEqual([1, 2])
  expect(await add(harness, [1, 2], [])).toEqual([1, 2])
  expect(await add(harness, [1], [1, 2])).toEqual([2, 2])
  expect(await add(harness, null, null)).toEqual([])
})
