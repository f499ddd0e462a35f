import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { refusal } from '../../../support/refusal.ts'

const nowhere = 999_999_999

describe('a job that depends on others', () => {
  test('waits until every one of them has succeeded, in queues of their own', async ({ harness }) => {
    const { depend, state, work } = pipeline(harness)
    const [first, second, last] = [
      await harness.queue({ workers: 1 }),
      await harness.queue({ workers: 1 }),
      await harness.queue({ workers: 1 }),
    ]
    const [a, b] = [await harness.job(first), await harness.job(second)]
    const target = await harness.job(last, { status: 'held' })

    expect(await depend(target, [a, b])).toBe(2)
    expect(await state(target)).toEqual({ status: 'held', waits_for: 2 })
    await work(first)
    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
    expect(await work(last)).toEqual([])
    await work(second)
    expect(await work(last)).toEqual([target])
    expect(await state(target)).toEqual({ status: 'success', waits_for: 0 })
  })

  test.for(
    [
      ['one to one', [[0, 2]]],
      ['many to one', [[0, 2], [1, 2]]],
      ['one to many', [[0, 1], [0, 2]]],
      ['many to many', [[0, 2], [0, 3], [1, 2], [1, 3]]],
    ] as const,
  )('begins when its sources have ended and no sooner, %s, over any queues', async ([, edges], { harness }) => {
    const { depend, state, work } = pipeline(harness)
    const queues = [await harness.queue({ workers: 4 }), await harness.queue({ workers: 4 })]
    const sources = [...new Set(edges.map(([source]) => source))]
    const targets = [...new Set(edges.map(([, target]) => target))]
    const jobs: number[] = []
    for (const nth of [0, 1, 2, 3]) {
      jobs.push(await harness.job(queues[nth % 2]!, { status: targets.includes(nth as 2) ? 'held' : 'pending' }))
    }
    for (const target of targets) {
      await depend(jobs[target]!, edges.filter(([, to]) => to === target).map(([source]) => jobs[source]!))
    }

    for (const target of targets) expect((await state(jobs[target]!)).status).toBe('held')
    const begun = [...await work(queues[0]!), ...await work(queues[1]!)]
    expect(begun).toEqual(expect.arrayContaining(sources.map((source) => jobs[source])))
    await work(queues[0]!)
    await work(queues[1]!)

    for (const target of targets) expect(await state(jobs[target]!)).toEqual({ status: 'success', waits_for: 0 })
  })

  test('is taken out of the queue when it was pending', async ({ harness }) => {
    const { depend, work } = pipeline(harness)
    const queue = await harness.queue({ workers: 2 })
    const source = await harness.job(queue, { due: '1 hour' })

    await harness.transaction(async () => {
      expect(await depend(await harness.job(queue), [source])).toBe(1)
    })

    expect(await work(queue)).toEqual([])
  })

  test('begins without anybody asking when its queue sleeps', async ({ harness }) => {
    const { depend, work } = pipeline(harness)
    const [queue, last] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    const source = await harness.job(queue)
    const target = await harness.job(last, { status: 'held' })
    await depend(target, [source])
    expect(await harness.wakeUps(last)).toBe(0)

    await work(queue)

    expect(await harness.inProgress(last)).toEqual([target])
    expect(await harness.wakeUps(last)).toBe(1)
  })

  test('keeps what it depends on, with how that ended', async ({ harness }) => {
    const { depend, edges, work } = pipeline(harness)
    const queue = await harness.queue({ workers: 2 })
    const [a, b] = await harness.jobs(queue, 2)
    const target = await harness.job(queue, { status: 'held' })
    await depend(target, [a!, b!])

    await work(queue)

    expect(await edges(target)).toMatchObject([{ source: a, ended_as: 'success' }, { source: b, ended_as: 'success' }])
  })
})

describe('depend', () => {
  test('counts nobody twice', async ({ harness }) => {
    const { depend, edges } = pipeline(harness)
    const queue = await harness.queue()
    const [a, b] = await harness.jobs(queue, 2)
    const target = await harness.job(queue)

    expect(await depend(target, [a!, a!])).toBe(1)
    expect(await depend(target, [a!, b!], 'run')).toBe(2)

    expect(await edges(target)).toMatchObject([{ source: a, on_failure: 'cancel' }, { source: b, on_failure: 'run' }])
  })

  test('on nobody leaves a job as it is', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const target = await harness.job(await harness.queue())

    expect(await depend(target, [])).toBe(0)

    expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test.for([['source', [nowhere]], ['null', [null]]] as const)(
    'refuses a %s that does not exist',
    async ([, sources], { harness }) => {
      const target = await harness.job(await harness.queue())

      const { code, hint } = await refusal(pipeline(harness).depend(target, [...sources]))

      expect({ code, hint }).toEqual({ code: 'SQ404', hint: expect.stringContaining('Nothing was changed') })
    },
  )

  test('refuses a target that does not exist', async ({ harness }) => {
    const source = await harness.job(await harness.queue())

    expect(await refusal(pipeline(harness).depend(nowhere, [source]))).toMatchObject({
      code: 'SQ404',
      message: `there is no job ${nowhere}`,
    })
  })

  test('refuses a rule for failures that it does not know', async ({ harness }) => {
    const [source, target] = await harness.jobs(await harness.queue(), 2)

    expect(await refusal(pipeline(harness).depend(target!, [source!], 'sulk' as 'run'))).toMatchObject({
      code: '23514',
      constraint: 'job_dependency_on_failure_is_known',
    })
  })
})

test('jobs may be named in as many dimensions as one likes', async ({ harness }) => {
  const { state } = pipeline(harness)
  const queue = await harness.queue()
  const sources = await harness.jobs(queue, 4)
  const target = await harness.job(queue, { status: 'held' })

  await harness.db.query('select supaqueue.depend($1, array[array[$2::bigint, $3], array[$4::bigint, $5]])', [
    target,
    ...sources,
  ])

  expect(await state(target)).toEqual({ status: 'held', waits_for: 4 })
})
