import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

test('an ordered queue runs one of a key, without anybody saying so', async ({ harness }) => {
  const queue = await ask(harness, 'create_queue', { name: 'in order', function: 'hello', ordered: 'key' })

  expect(
    (await harness.db.query('select per_key, ordered, after_failure from supaqueue.queue where id = $1', [queue])).rows,
  )
    .toEqual([{ per_key: 1, ordered: 'key', after_failure: 'block' }])
})

test.for(
  [
    { ordered: 'key', per_key: 2 },
    { ordered: 'key', batch_size: 5, batch_by: 'key' },
    { ordered: 'queue', batch_size: 2 },
  ] as const,
)('what does not go together is refused, and the hint says what to do: %s', async (settings, { harness }) => {
  const reason = await refusal(harness.queue(settings))

  expect(reason).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('Nothing was changed') })
})

test.for([{ ordered: 'name' }, { after_failure: 'wait' }])(
  'what is not known is refused: %s',
  async (settings, { harness }) => {
    expect(await refusal(harness.queue(settings as never))).toMatchObject({ code: '23514' })
  },
)
