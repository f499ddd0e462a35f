import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test("jobs that are there when a queue is put in order keep it, and those that failed before are in nobody's way", async ({ harness }) => {
  const line = await inLine(harness, { ordered: null })
  const failed = await line.job('a')
  await harness.update('job', failed, { status: 'failed' })
  const [one, two, other] = [await line.job('a'), await line.job('a', { priority: 9 }), await line.job('b')]

  await harness.update('queue', line.queue, { ordered: 'key' })

  expect(await line.take()).toEqual([one, other])
  expect(await line.end(one)).toEqual([two])
})

test('of jobs that run already the next of their key waits for all', async ({ harness }) => {
  const line = await inLine(harness, { ordered: null })
  const running = [await line.job('a'), await line.job('a')]
  await line.take()
  const next = await line.job('a')

  await harness.update('queue', line.queue, { ordered: 'key' })

  expect(await line.end(running[0]!)).toEqual([])
  expect(await line.end(running[1]!)).toEqual([next])
})
