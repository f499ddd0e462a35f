import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for<[string, string, boolean]>([
  ['x', 'x', true],
  ['x.y', 'x.y', true],
  ['*', 'x', true],
  ['*', 'x.y', false],
  ['x.*', 'x.y', true],
  ['x.*', 'x', false],
  ['x.*', 'x.y.z', false],
  ['*.y', 'x.y', true],
  ['*.*.z', 'x.y.z', true],
  ['x.**', 'x.y', true],
  ['x.**', 'x.y.z', true],
  ['x.**', 'x', false],
  ['*.**', 'x.y', true],
  ['x.*.**', 'x.y', false],
  ['**', 'x', true],
  ['**', 'x.y', true],
  ['x', 'X', false],
  ['a.b.c.d.e.f.g.h', 'a.b.c.d.e.f.g.h', true],
  ['a.*.c.*.e.**', 'a.b.c.d.e.f.g.h', true],
])('the pattern %s with the topic %s: %s', async ([pattern, topic, fits], { harness }) => {
  const { rows } = await harness.db.query('select $1 = any (supaqueue_internal.patterns_of($2)) as fits', [
    pattern,
    topic,
  ])
  expect(rows).toEqual([{ fits }])
})
