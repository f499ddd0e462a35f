import { expect, test } from 'vitest'
import { makeSeen } from '../../../../../supabase/functions/supaqueue/signature/seen.ts'

test('a name is new once, and again when it has been forgotten', () => {
  let now = 0
  const isNew = makeSeen(100, () => now)

  expect([isNew('a'), isNew('a'), isNew('b')]).toEqual([true, false, true])
  now = 101
  expect(isNew('a')).toBe(true)
})

test('the oldest of a thousand names makes room for the next', () => {
  const isNew = makeSeen(100, () => 0)
  for (let name = 0; name < 1001; name++) isNew(String(name))

  expect([isNew('1000'), isNew('1')]).toEqual([false, false])
  expect(isNew('0')).toBe(true)
})
