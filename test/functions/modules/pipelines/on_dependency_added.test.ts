import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

describe('a dependency inserted by hand', () => {
  test('holds a target in the way that is documented: insert held, add the dependencies, set pending', async ({ harness }) => {
    const { insert, state, work } = pipeline(harness)
    const [queue, last] = [await harness.queue({ workers: 2 }), await harness.queue({ workers: 1 })]
    const sources = await harness.jobs(queue, 2)
    const target = await harness.job(last, { status: null })

    await insert([sources[0]!, target], [sources[1]!, target])
    await harness.update('job', target, { status: 'pending' })

    expect(await state(target)).toEqual({ status: 'held', waits_for: 2 })
    await work(queue)
    expect(await work(last)).toEqual([target])
  })

  test.for([['a pending', 'pending'], ['a held', 'held']] as const)(
    'on a source that has succeeded already lets %s target go',
    async ([, status], { harness }) => {
      const { insert, edges, state, work } = pipeline(harness)
      const queue = await harness.queue({ workers: 1 })
      const source = await harness.job(queue)
      await work(queue)
      const target = await harness.job(await harness.queue(), { status })

      await insert([source, target])

      expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
      expect(await edges(target)).toMatchObject([{ ended_as: 'success' }])
    },
  )

  test('on a source that has failed already cancels the target', async ({ harness }) => {
    const { insert } = pipeline(harness)
    const queue = await harness.queue()
    const source = await harness.job(queue, { status: 'failed' })
    const target = await harness.job(queue)

    await insert([source, target])

    expect(await harness.jobRow(target)).toMatchObject({
      status: 'cancelled',
      error: `job ${source}, which it depends on, failed`,
    })
  })

  test('is there once, and goes with its source or with its target', async ({ harness }) => {
    const { insert, edges } = pipeline(harness)
    const queue = await harness.queue()
    const [first, second, target] = await harness.jobs(queue, 3)
    await insert([first!, target!], [second!, target!])

    expect(await refusal(insert([first!, target!]))).toMatchObject({ code: '23505' })
    await harness.delete('job', first!)
    expect((await edges(target!)).map(({ source }) => source)).toEqual([second])
    await harness.delete('job', target!)
    const { rows } = await harness.db.query('select from supaqueue.job_dependency where source = $1', [second])
    expect(rows).toEqual([])
  })

  test('while the source runs is counted, as are those that it adds before it ends', async ({ harness }) => {
    const { depend, state, work } = pipeline(harness)
    const [queue, last] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    const run = randomUUID()
    const split = await harness.job(queue)
    const target = await harness.job(last, { status: 'held' })
    await depend(target, [split])
    const [entry] = await harness.take(run, queue)

    const parts = await harness.jobs(queue, 3)
    expect(await depend(target, parts)).toBe(4)
    await harness.report(run, queue, [entry!.current_job.id])

    expect(await state(target)).toEqual({ status: 'held', waits_for: 3 })
    for (const _ of parts) await work(queue)
    expect(await work(last)).toEqual([target])
  })

  test.for(['in_progress', 'success'])('is refused for a target that is %s', async (status, { harness }) => {
    const { insert, work } = pipeline(harness)
    const queue = await harness.queue({ workers: 1 })
    const target = await harness.job(queue)
    if (status === 'success') await work(queue)
    else await harness.take(randomUUID(), queue)
    const source = await harness.job(queue)

    expect(await refusal(insert([source, target]))).toMatchObject({
      code: 'SQ409',
      message: `job ${target} is ${status.replace('_', ' ')} and no longer waits for anything`,
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await harness.jobRow(source)).toMatchObject({ has_targets: false })
  })

  test.for(['pending', 'in_progress'])(
    'is not lost when its %s source ends at the same moment, which waits for it',
    async (status, { harness, another }) => {
      const { insert, state } = pipeline(harness)
      const queue = await harness.queue({ workers: 1 })
      const source = await harness.job(queue)
      if (status === 'in_progress') await harness.take(randomUUID(), queue)
      const target = await harness.job(await harness.queue())
      const user = await another()
      await harness.begin()
      await insert([source, target])

      const cancelled = user.update('job', source, { status: 'cancelled' })
      await until(() => harness.isBlocked(user))
      await harness.commit()
      await cancelled

      expect(await state(target)).toEqual({ status: 'cancelled', waits_for: 0 })
    },
  )

  test('is not lost when its source, that others depend on already, is cancelled at the same moment', async ({ harness, another }) => {
    const { insert, state } = pipeline(harness)
    const [source, first, target] = await harness.jobs(await harness.queue(), 3) as [number, number, number]
    await insert([source, first])
    const user = await another()
    await harness.begin()
    await insert([source, target])

    const cancelled = user.update('job', source, { status: 'cancelled' })
    await until(() => harness.isBlocked(user))
    await harness.commit()
    await cancelled

    expect(await state(target)).toEqual({ status: 'cancelled', waits_for: 0 })
  })

  test('is not lost when a report of its source comes at the same moment, which is brought again', async ({ harness, another }) => {
    const { insert, state } = pipeline(harness)
    const queue = await harness.queue({ workers: 1 })
    const [run, source] = [randomUUID(), await harness.job(queue)]
    const [entry] = await harness.take(run, queue)
    const token = entry!.current_job.id
    const target = await harness.job(await harness.queue())
    const turns = await another()
    await turns.impatient()
    await harness.begin()
    await insert([source, target])

    expect((await turns.report(run, queue, [token])).again).toEqual([token])
    await harness.commit()
    await turns.report(run, queue, [token])

    expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('counts every one of very many at once', async ({ harness }) => {
    const { depend, state, work } = pipeline(harness)
    const queue = await harness.queue({ workers: 25 })
    const sources = await harness.jobs(queue, 2500)
    const target = await harness.job(await harness.queue(), { status: 'held' })

    expect(await depend(target, sources)).toBe(2500)
    await work(queue)
    await harness.db.query(`update supaqueue.job set status = 'success' where id = any ($1)`, [sources.slice(0, 2499)])

    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
    await harness.db.query(`update supaqueue.job set status = 'success' where id = $1`, [sources[2499]])
    expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('under an older snapshot is counted soon after', async ({ harness, another }) => {
    const { lookAgain, state, work } = pipeline(harness)
    const queue = await harness.queue({ workers: 2 })
    const [a, b] = await harness.jobs(queue, 2)
    const target = await harness.job(await harness.queue())
    const user = await another()

    await user.transaction(() => pipeline(user).insert([a!, target], [b!, target]), 'repeatable read')
    expect((await state(target)).status).toBe('held')
    await lookAgain()

    expect(await state(target)).toEqual({ status: 'held', waits_for: 2 })
    await work(queue)
    expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })
})
