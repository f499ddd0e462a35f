import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('notes who is first in each line in which something happened, and a thousand changes at a time', async ({ harness }) => {
  const line = await inLine(harness)
  const [a] = [await line.job('a'), await line.job('a')]
  const b = await line.job('b', { due: '1 hour', priority: 3 })
  await line.job('c', { status: 'held' })
  const settle = async () =>
    (await harness.db.query(`select supaqueue_internal.settle_lines($1, clock_timestamp()) as changes`, [line.queue]))
      .rows[0].changes
  const left = async () =>
    (await harness.db.query('select from supaqueue.line_change where queue = $1', [line.queue])).rowCount

  expect(await settle()).toBe(false)
  expect(await left()).toBe(0)
  expect(
    (await harness.db.query(
      'select line, job, priority, is_due from supaqueue.line_head where queue = $1 order by line',
      [line.queue],
    )).rows,
  )
    .toEqual([{ line: '=a', job: a, priority: 0, is_due: true }, { line: '=b', job: b, priority: 3, is_due: false }])

  await harness.db.query(
    `insert into supaqueue.job (queue, concurrency_key) select $1, concat('k', n) from generate_series(1, 1200) as n`,
    [line.queue],
  )
  expect([await settle(), await left(), await settle(), await left()]).toEqual([true, 200, false, 0])
})

test("a place that was left while triggers were switched off stands in nobody's way", async ({ harness, another }) => {
  const line = await inLine(harness)
  const [gone, ended, next] = [await line.job('a'), await line.job('a'), await line.job('a')]
  const admin = await another('admin')
  await admin.db.query(`set session_replication_role = replica`)
  await admin.db.query('delete from supaqueue.job where id = $1', [gone])
  await admin.db.query(`update supaqueue.job set status = 'success', finished_at = now() where id = $1`, [ended])
  await admin.db.query(`reset session_replication_role`)

  expect(await line.take()).toEqual([next])
})
