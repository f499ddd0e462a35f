import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('jobs that are deleted leave their lines, and the next of the line is looked for', async ({ harness }) => {
  const line = await inLine(harness)
  const [one, two] = [await line.job('a'), await line.job('a')]
  await line.take()

  await harness.delete('job', one)

  expect(await line.places()).toEqual([{ line: '=a', job: two }])
  expect(await line.take()).toEqual([two])
})

test('a queue that is emptied has no places left, and new jobs begin', async ({ harness }) => {
  const line = await inLine(harness)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  expect(await ask(harness, 'truncate_queue', { queue: line.queue })).toBe(3)
  const next = await line.job('a')

  expect(await line.places()).toEqual([{ line: '=a', job: next }])
  expect(await line.take()).toEqual([next])
})

test('a queue that is deleted leaves nothing', async ({ harness }) => {
  const line = await inLine(harness)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  await ask(harness, 'delete_queue', { queue: line.queue })

  for (const table of ['place_in_line', 'line_change', 'line_head']) {
    expect((await harness.db.query(`select from supaqueue.${table} where queue = $1`, [line.queue])).rowCount).toBe(0)
  }
})
