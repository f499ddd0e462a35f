import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('what was begun moves the time of the next, from when the first was due', async ({ harness }) => {
  const { rows } = await harness.db.query(`
    insert into supaqueue.rate_limit (name, max_rps, burst, free_at)
    values ('late', 10, 1, '2029-12-31 23:59:59.9'), ('idle', 10, 1, '-infinity'), ('burst', 1, 3, '-infinity')
    returning name`)
  const queues = [
    await harness.queue(),
    ...await Promise.all(rows.map(({ name }) => harness.queue({ rate_limit: name }))),
  ]
  await harness.db.query(
    `select supaqueue_internal.note_claims(queue, '2030-01-01', 2) from supaqueue.queue where id = any ($1)`,
    [queues],
  )

  const { rows: limits } = await harness.db.query(`
    select name, (extract(epoch from free_at - '2030-01-01') * 1000)::integer as ms from supaqueue.rate_limit
    where name in ('late', 'idle', 'burst') order by name`)
  expect(limits).toEqual([{ name: 'burst', ms: -250 }, { name: 'idle', ms: -50 }, { name: 'late', ms: 100 }])
})
