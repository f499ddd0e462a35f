import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

test('prune_throttles forgets what is over, and leaves what somebody holds', async ({ harness, another }) => {
  const queue = await harness.queue()
  const add = (key: string, at: string) =>
    harness.db.query(
      'insert into supaqueue.throttled_key (queue, key, free_at) values ($1, $2, now() + $3::interval)',
      [
        queue,
        key,
        at,
      ],
    )
  await add('over', '-1 s')
  await add('held', '-2 s')
  await add('to come', '1 hour')
  const user = await another()
  await user.begin()
  await user.db.query(`update supaqueue.throttled_key set free_at = free_at where queue = $1 and key = 'held'`, [queue])

  expect(await ask(harness, 'prune_throttles')).toBeGreaterThan(0)

  const { rows } = await harness.db.query('select key from supaqueue.throttled_key where queue = $1 order by key', [
    queue,
  ])
  expect(rows.map(({ key }) => key)).toEqual(['held', 'to come'])
  await user.commit()
})
