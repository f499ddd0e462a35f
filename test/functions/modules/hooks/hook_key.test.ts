import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [{ record: { id: 17 }, old_record: null }, ['id'], 'app.t:17'],
    [{ record: null, old_record: { id: 'a,b' } }, ['id'], 'app.t:a,b'],
    [{ record: { b: 'x', a: 'y,z' } }, ['a', 'b'], 'app.t:["y,z", "x"]'],
    [{ record: { id: 'x'.repeat(501) } }, ['id'], expect.stringMatching(/^app\.t:[0-9a-f]{64}$/)],
    [{ record: { at: '2026-01-01T01:30:00.5+05:30' } }, ['at'], 'app.t:2025-12-31T20:00:00.5+00:00', ['at']],
    [{ record: { at: '2026-02-31T01:30:00+05:30' } }, ['at'], 'app.t:2026-02-31T01:30:00+05:30', ['at']],
    // Text that looks like a time: another text is another row.
    [{ record: { at: '2026-01-01T01:30:00.5+05:30' } }, ['at'], 'app.t:2026-01-01T01:30:00.5+05:30'],
    [{ record: null, old_record: null }, ['id'], null],
    [{ record: { id: 1 } }, [], null],
  ] as const,
)('hook_key of %j by %j is %s', async ([body, keys, key, instants = []], { harness }) => {
  const { rows } = await harness.db.query(`select supaqueue_internal.hook_key('app.t', $1, $2, $3) as key`, [
    JSON.stringify(body),
    keys,
    instants,
  ])

  expect(rows).toEqual([{ key }])
})
