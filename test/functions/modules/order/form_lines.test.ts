import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

test("jobs that are there when a queue is put in order keep it, and those that failed before are in nobody's way", async ({ house }) => {
  const line = await inLine(house, { ordered: null })
  const failed = await line.job('a')
  await house.update('job', failed, { status: 'failed' })
  const [one, two, other] = [await line.job('a'), await line.job('a', { priority: 9 }), await line.job('b')]

  await house.update('queue', line.queue, { ordered: 'key' })

  expect(await line.take()).toEqual([one, other])
  expect(await line.end(one)).toEqual([two])
})

test('of jobs that run already the next of their key waits for all', async ({ house }) => {
  const line = await inLine(house, { ordered: null })
  const running = [await line.job('a'), await line.job('a')]
  await line.take()
  const next = await line.job('a')

  await house.update('queue', line.queue, { ordered: 'key' })

  expect(await line.end(running[0]!)).toEqual([])
  expect(await line.end(running[1]!)).toEqual([next])
})
