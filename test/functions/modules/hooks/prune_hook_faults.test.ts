import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('prune_hook_faults makes one of those that are alike, and forgets them with failed jobs', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)
  await owner.db.query(`update supaqueue.queue set keep_failed = '10 days' where id = $1`, [photos.queue])
  const noted = (ago: string, reason: string, lost: number) =>
    owner.db.query(
      `insert into supaqueue.hook_fault (hook, noted_at, code, reason, lost)
       select id, $2, '42703', $3, $4 from supaqueue.hook where name = $1`,
      [photos.name, ago, reason, lost],
    )
  const noon = (await owner.db.query(`select date_trunc('day', now() - interval '1 day', 'UTC') as at`)).rows[0].at
  for (const lost of [1, 2, 3]) await noted(noon.toISOString(), 'a column', lost)
  await noted(noon.toISOString(), 'another', 0)
  await noted(new Date().toISOString(), 'a column', 5)
  await noted(new Date(Date.now() - 11 * 86_400_000).toISOString(), 'long ago', 7)

  await owner.db.query('select supaqueue_internal.prune_hook_faults(1000)')

  expect(await photos.faults()).toEqual([
    { code: '42703', reason: 'a column', lost: 6 },
    { code: '42703', reason: 'another', lost: 0 },
    { code: '42703', reason: 'a column', lost: 5 },
  ])
})
