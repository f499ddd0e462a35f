import { expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

test('with all jobs all places go, and new jobs begin', async ({ ownDatabase }) => {
  const house = houseOf(await ownDatabase.connect('owner'))
  const line = await inLine(house)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  await house.db.query('truncate supaqueue.job cascade')
  await house.sweep()
  const next = await line.job('a')

  expect(await line.places()).toEqual([{ line: '=a', job: next }])
  expect(await line.take()).toEqual([next])
})
