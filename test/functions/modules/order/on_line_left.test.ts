import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

test('jobs that are deleted leave their lines, and the next of the line is looked for', async ({ house }) => {
  const line = await inLine(house)
  const [one, two] = [await line.job('a'), await line.job('a')]
  await line.take()

  await house.delete('job', one)

  expect(await line.places()).toEqual([{ line: '=a', job: two }])
  expect(await line.take()).toEqual([two])
})

test('a queue that is emptied has no places left, and new jobs begin', async ({ house }) => {
  const line = await inLine(house)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  expect(await ask(house, 'truncate_queue', { queue: line.queue })).toBe(3)
  const next = await line.job('a')

  expect(await line.places()).toEqual([{ line: '=a', job: next }])
  expect(await line.take()).toEqual([next])
})

test('a queue that is deleted leaves nothing', async ({ house }) => {
  const line = await inLine(house)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  await ask(house, 'delete_queue', { queue: line.queue })

  for (const table of ['place_in_line', 'line_change', 'line_head']) {
    expect((await house.db.query(`select from supaqueue.${table} where queue = $1`, [line.queue])).rowCount).toBe(0)
  }
})
