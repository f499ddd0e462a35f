import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { refusal } from '../../../support/refusal.ts'

test.for(['key', 'queue'] as const)(
  'a job cannot wait for one behind it in its line (ordered by %s)',
  async (ordered, { house }) => {
    const line = await inLine(house, { ordered })
    const [one, two] = [await line.job('a'), await line.job('a')]

    expect(await refusal(pipeline(house).depend(one, [two]))).toMatchObject({
      code: 'SQ409',
      message: `job ${one} would wait for job ${two}, which comes after it in the line of its ordered queue`,
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await refusal(pipeline(house).insert([two, one]))).toMatchObject({ code: 'SQ409' })
    expect(await pipeline(house).edges(one)).toEqual([])
  },
)

test('nor over others', async ({ house }) => {
  const line = await inLine(house)
  const between = await house.job(await house.queue())
  const [one, two] = [await line.job('a'), await line.job('a')]
  await pipeline(house).depend(between, [two])

  expect(await refusal(pipeline(house).depend(one, [between]))).toMatchObject({
    code: 'SQ409',
    message: expect.stringContaining(`job ${two}, which comes after it`),
  })
})

test('it may wait for one before it, of another line or queue, and for one that has ended', async ({ house }) => {
  const line = await inLine(house)
  const [one, two, other] = [await line.job('a'), await line.job('a'), await line.job('b')]
  const [unkeyed, unkeyedToo] = [await line.job(undefined), await line.job(undefined)]
  const elsewhere = await house.job(await house.queue(), { concurrency_key: 'a' })
  const done = await line.job('a')
  await house.update('job', done, { status: 'cancelled' })

  await pipeline(house).depend(two, [one])
  await pipeline(house).depend(one, [other, elsewhere, done])
  await pipeline(house).depend(unkeyed, [unkeyedToo])

  expect(await pipeline(house).edges(one)).toHaveLength(3)
})

test('where the queue was ordered later, explain says that each waits for the other', async ({ house }) => {
  const line = await inLine(house, { ordered: null })
  const [one, two] = [await line.job('a'), await line.job('a')]
  await pipeline(house).depend(one, [two])
  await house.update('queue', line.queue, { ordered: 'key' })

  const held = await ask(house, 'explain', { job: one })
  const waiting = await ask(house, 'explain', { job: two })

  expect(held.text).toContain(`held by job ${two}, which comes after it in its line: each waits for the other`)
  expect(waiting.text).toContain(`job ${one} comes before it with the key 'a', and is held`)
})
