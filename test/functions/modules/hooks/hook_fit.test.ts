import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const body = (record: string, old = 'null') => `{"type": "UPDATE", "record": ${record}, "old_record": ${old}}`

test.for(
  [
    [body('{"id": 1}'), 100, false, null],
    [body('{"id": 1}'), 100, true, ['keys', { id: 1 }, null]],
    [body('{"id": 1, "a": "0123456789"}', '{"a": "0123456788"}'), 80, false, ['keys', { id: 1 }, { id: 1 }]],
    [body('{"id": 1, "a": 1e131071}'), 100000, false, ['keys', { id: 1 }, null]],
    [body('{"id": "0123456789"}'), 60, false, ['none', null, null]],
    [body('{"id": 1e131071}'), 100000, false, ['none', null, null]],
  ] as const,
)('hook_fit has of %s, where %i bytes are taken, wide: %s, %j', async ([body, most, wide, said], { harness }) => {
  const { rows: [{ fit }] } = await harness.db.query(`select supaqueue_internal.hook_fit($1, '{id}', $2, $3) as fit`, [
    body,
    most,
    wide,
  ])

  expect(fit && [fit.origin['hook-payload'], fit.body.record, fit.body.old_record]).toEqual(said)
})
