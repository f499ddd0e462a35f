import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { inLine } from '../../../support/line.ts'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test('a failed job that others wait behind is found, and the statement that the finding names lets the line go on', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const line = await inLine(harness, { max_attempts: 1 })
  const [first] = [await line.job('a'), await line.job('b')]
  await line.take()
  await line.end(first!, 'failed')
  // Nobody waits behind it.
  expect(await codes(harness)).not.toContain('line_blocked')

  const next = await line.job('a')
  const found = (await findings(harness)).find(({ code }) => code === 'line_blocked')
  expect(found).toMatchObject({
    severity: 'warning',
    text: expect.stringContaining(`job ${first} failed`),
    remedy: `select supaqueue.retry(${first});`,
  })

  await harness.db.query(found!.remedy!)
  expect(await codes(harness)).not.toContain('line_blocked')
  expect(await line.take()).toEqual([first])
  await line.end(first!, 'failed')
  expect(await codes(harness)).toContain('line_blocked')
  await ask(harness, 'cancel', { job: first })
  expect(await codes(harness)).not.toContain('line_blocked')
  expect(await line.take()).toEqual([next])
})

test('several lines of a queue are one finding, and a queue that goes on after a failure has none', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const [blocking, passing] = [
    await inLine(harness, { max_attempts: 1 }),
    await inLine(harness, { max_attempts: 1, after_failure: 'continue' }),
  ]
  for (const line of [blocking, passing]) {
    for (const key of ['a', 'b', 'a', 'b']) await line.job(key)
    for (const job of await line.take()) await line.end(job, 'failed')
  }

  const found = (await findings(harness)).filter(({ code }) => code === 'line_blocked')
  expect(found).toMatchObject([{ text: expect.stringMatching(/^2 lines of .* are blocked/) }])
})
