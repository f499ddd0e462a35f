import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { refusal } from '../../../support/refusal.ts'

test.for(['key', 'queue'] as const)(
  'a job cannot wait for one behind it in its line (ordered by %s)',
  async (ordered, { harness }) => {
    const line = await inLine(harness, { ordered })
    const [one, two] = [await line.job('a'), await line.job('a')]

    expect(await refusal(pipeline(harness).depend(one, [two]))).toMatchObject({
      code: 'SQ409',
      message: `job ${one} would wait for job ${two}, which comes after it in the line of its ordered queue`,
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await refusal(pipeline(harness).insert([two, one]))).toMatchObject({ code: 'SQ409' })
    expect(await pipeline(harness).edges(one)).toEqual([])
  },
)

test('nor over others', async ({ harness }) => {
  const line = await inLine(harness)
  const between = await harness.job(await harness.queue())
  const [one, two] = [await line.job('a'), await line.job('a')]
  await pipeline(harness).depend(between, [two])

  expect(await refusal(pipeline(harness).depend(one, [between]))).toMatchObject({
    code: 'SQ409',
    message: expect.stringContaining(`job ${two}, which comes after it`),
  })
})

test('it may wait for one before it, of another line or queue, and for one that has ended', async ({ harness }) => {
  const line = await inLine(harness)
  const [one, two, other] = [await line.job('a'), await line.job('a'), await line.job('b')]
  const [unkeyed, unkeyedToo] = [await line.job(undefined), await line.job(undefined)]
  const elsewhere = await harness.job(await harness.queue(), { concurrency_key: 'a' })
  const done = await line.job('a')
  await harness.update('job', done, { status: 'cancelled' })

  await pipeline(harness).depend(two, [one])
  await pipeline(harness).depend(one, [other, elsewhere, done])
  await pipeline(harness).depend(unkeyed, [unkeyedToo])

  expect(await pipeline(harness).edges(one)).toHaveLength(3)
})

test('where the queue was ordered later, explain says that each waits for the other', async ({ harness }) => {
  const line = await inLine(harness, { ordered: null })
  const [one, two] = [await line.job('a'), await line.job('a')]
  await pipeline(harness).depend(one, [two])
  await harness.update('queue', line.queue, { ordered: 'key' })

  const held = await ask(harness, 'explain', { job: one })
  const waiting = await ask(harness, 'explain', { job: two })

  expect(held.text).toContain(`held by job ${two}, which comes after it in its line: each waits for the other`)
  expect(waiting.text).toContain(`job ${one} comes before it with the key 'a', and is held`)
})
