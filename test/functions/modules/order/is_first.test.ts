import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

test('a job that cannot be begun has its line wait, and no other', async ({ house }) => {
  const line = await inLine(house)
  const [one, other] = [await line.job('a'), await line.job('b')]
  await line.job('a')
  await house.db.query(
    `insert into supaqueue.trouble (kind, subject, queue, job, tries, code, reason, next_try_at)
     values ('begin', $1, $2, $1::text::bigint, 1, 'SQ409', 'not today', now() + interval '1 hour')`,
    [one, line.queue],
  )

  expect(await line.take()).toEqual([other])
})
