import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { refusal } from '../../../support/refusal.ts'

describe('a circle is refused with the way round:', () => {
  test('a job that depends on itself', async ({ harness }) => {
    const job = await harness.job(await harness.queue())

    expect(await refusal(pipeline(harness).depend(job, [job]))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} would wait for itself: ${job} -> ${job}`,
      hint: expect.stringContaining('Nothing was changed'),
    })
  })

  test('over what is there already', async ({ harness }) => {
    const { insert, depend, edges } = pipeline(harness)
    const [a, b, c, d] = await harness.jobs(await harness.queue(), 4) as [number, number, number, number]
    await insert([a, b], [b, c], [c, d], [a, d])

    expect(await refusal(depend(a, [d]))).toMatchObject({
      code: 'SQ409',
      message: `job ${d} would wait for itself: ${d} -> ${a} -> ${d}`,
    })
    expect(await refusal(depend(b, [d]))).toMatchObject({
      message: `job ${d} would wait for itself: ${d} -> ${b} -> ${c} -> ${d}`,
    })
    expect(await edges(a)).toEqual([])
  })

  test('within one statement', async ({ harness }) => {
    const [a, b, c] = await harness.jobs(await harness.queue(), 3) as [number, number, number]

    const { code, message } = await refusal(pipeline(harness).insert([a, b], [b, c], [c, a]))

    expect(code).toBe('SQ409')
    expect([
      `${a} -> ${b} -> ${c} -> ${a}`,
      `${b} -> ${c} -> ${a} -> ${b}`,
      `${c} -> ${a} -> ${b} -> ${c}`,
    ]).toContain(message.split(': ')[1])
  })

  test('when two sessions close it at the same time', async ({ harness, another }) => {
    const [a, b] = await harness.jobs(await harness.queue(), 2) as [number, number]
    const user = await another()
    await harness.begin()
    await pipeline(harness).depend(b, [a])

    const second = refusal(pipeline(user).depend(a, [b]))
    await harness.commit()

    expect(await second).toMatchObject({
      code: 'SQ409',
      message: `job ${b} would wait for itself: ${b} -> ${a} -> ${b}`,
    })
  })
})

test('what is no circle is no circle: one to one, one to many, many to one, many to many, and two ways to one job', async ({ harness }) => {
  const { insert, state } = pipeline(harness)
  const [a, b, c, d, e, f] = await harness.jobs(await harness.queue(), 6) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]

  await insert([f, e])
  await insert([a, b], [a, c], [b, d], [c, d])
  await insert([b, f], [c, f], [d, f], [d, e])

  expect((await state(f)).waits_for).toBe(3)
  expect((await state(e)).waits_for).toBe(2)
})

test('a lattice with more ways through it than could be walked one by one is looked through', async ({ harness }) => {
  const { insert } = pipeline(harness)
  const jobs = await harness.jobs(await harness.queue(), 80)
  const edges = jobs.flatMap((source, i) =>
    [1, 2].flatMap((layer) => {
      const next = Math.floor(i / 2) * 2 + 2
      return jobs[next + layer - 1] ? [[source, jobs[next + layer - 1]!] as [number, number]] : []
    })
  )

  await insert(...edges)

  expect(await refusal(insert([jobs[79]!, jobs[0]!]))).toMatchObject({ code: 'SQ409' })
})
