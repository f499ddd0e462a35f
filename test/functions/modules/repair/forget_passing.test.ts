import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('forgets what happened once after an hour, what happened again when its next try would come, and nothing else', async ({ harness }) => {
  await harness.db.query(`
    insert into supaqueue.trouble (kind, subject, code, reason, tried_at, next_try_at) values
      ('counters', 'once', 'x', 'x', now(), now()),
      ('counters', 'once, long ago', 'x', 'x', now() - interval '61 minutes', now() - interval '61 minutes'),
      ('heartbeat', 'again', 'x', 'x', now() - interval '2 seconds', now() - interval '1 second'),
      ('claim', 'still', 'x', 'x', now(), now() + interval '10 seconds'),
      ('alert', 'another', 'x', 'x', now() - interval '2 hours', now() - interval '1 hour')`)

  const { rows } = await harness.db.query('select supaqueue_internal.forget_passing() as forgotten')

  expect(rows).toEqual([{ forgotten: 2 }])
  expect(
    (await harness.db.query('select subject from supaqueue.trouble order by 1')).rows.map(({ subject }) => subject),
  )
    .toEqual(['another', 'once', 'still'])
})
