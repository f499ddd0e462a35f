import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

describe('how a source ended is written to its dependencies', () => {
  test.for(['success', 'failed', 'cancelled'])('as %s, whoever ended it', async (status, { harness }) => {
    const { depend, edges } = pipeline(harness)
    const queue = await harness.queue()
    const [source, target] = await harness.jobs(queue, 2)
    await depend(target!, [source!])

    await harness.update('job', source!, { status })

    expect(await edges(target!)).toMatchObject([{ source, ended_as: status }])
  })

  test('for every target of it', async ({ harness }) => {
    const { insert, state } = pipeline(harness)
    const queue = await harness.queue()
    const [source, ...targets] = await harness.jobs(queue, 50)
    await insert(...targets.map((target) => [source!, target] as [number, number]))

    await harness.update('job', source!, { status: 'success' })

    for (const target of targets) expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('and taken back when it is put back: what still waits, waits for it again', async ({ harness }) => {
    const { depend, edges, state } = pipeline(harness)
    const queue = await harness.queue()
    const [a, b, target] = await harness.jobs(queue, 3)
    await depend(target!, [a!, b!])
    await harness.update('job', a!, { status: 'success' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })

    await harness.update('job', a!, { status: 'pending' })

    expect(await edges(target!)).toMatchObject([{ ended_as: null }, { ended_as: null }])
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 2 })
  })

  test('and nothing, when there is no such job any more', async ({ harness }) => {
    await harness.db.query('select supaqueue_internal.settle_source(999999999)')
  })
})
