import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('a failed job that keeps others waiting can be cancelled, once; others that failed cannot', async ({ harness }) => {
  const blocking = await inLine(harness, { max_attempts: 1 })
  const passing = await inLine(harness, { max_attempts: 1, after_failure: 'continue' })
  const [one, other] = [await blocking.job('a'), await passing.job('a')]
  for (const [line, job] of [[blocking, one], [passing, other]] as const) {
    await line.take()
    await line.end(job, 'failed')
  }

  expect([await ask(harness, 'cancel', { job: one }), await ask(harness, 'cancel', { job: one })]).toEqual([
    true,
    false,
  ])
  expect(await ask(harness, 'cancel', { job: other })).toBe(false)
})

test('is not pruned while it is in the way: the line would go on by itself', async ({ harness }) => {
  const line = await inLine(harness, { max_attempts: 1 })
  const [one, two] = [await line.job('a'), await line.job('a')]
  await line.take()
  await line.end(one, 'failed')
  await harness.update('job', one, { finished_at: '2020-01-01' })

  await ask(harness, 'prune', { most: 1000 })
  expect((await harness.jobRow(one)).status).toBe('failed')
  await ask(harness, 'cancel', { job: one })
  await harness.update('job', one, { finished_at: '2020-01-01' })
  await ask(harness, 'prune', { most: 1000 })

  expect(await harness.jobRow(one)).toBeUndefined()
  expect(await line.take()).toEqual([two])
})
