import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('a job that cannot be begun has its line wait, and no other', async ({ harness }) => {
  const line = await inLine(harness)
  const [one, other] = [await line.job('a'), await line.job('b')]
  await line.job('a')
  await harness.db.query(
    `insert into supaqueue.trouble (kind, subject, queue, job, tries, code, reason, next_try_at)
     values ('begin', $1, $2, $1::text::bigint, 1, 'SQ409', 'not today', now() + interval '1 hour')`,
    [one, line.queue],
  )

  expect(await line.take()).toEqual([other])
})
