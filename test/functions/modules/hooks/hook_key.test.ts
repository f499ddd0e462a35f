import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [['17'], 'app.t:17'],
    [['a,b'], 'app.t:a,b'],
    [['y,z', 'x'], 'app.t:["y,z", "x"]'],
    [['x'.repeat(501)], expect.stringMatching(/^app\.t:[0-9a-f]{64}$/)],
    [['a', null], null],
    [[], null],
    [null, null],
  ] as const,
)('hook_key of %j is %s', async ([parts, key], { harness }) => {
  const { rows } = await harness.db.query(`select supaqueue_internal.hook_key('app', 't', $1) as key`, [parts])

  expect(rows).toEqual([{ key }])
})
