import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('with all jobs all places go, and new jobs begin', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect('owner'))
  const line = await inLine(harness)
  for (const key of ['a', 'a', 'b']) await line.job(key)
  await line.take()

  await harness.db.query('truncate supaqueue.job cascade')
  await harness.sweep()
  const next = await line.job('a')

  expect(await line.places()).toEqual([{ line: '=a', job: next }])
  expect(await line.take()).toEqual([next])
})
