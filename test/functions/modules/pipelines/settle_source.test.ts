import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

describe('how a source ended is written to its dependencies', () => {
  test.for(['success', 'failed', 'cancelled'])('as %s, whoever ended it', async (status, { house }) => {
    const { depend, edges } = pipeline(house)
    const queue = await house.queue()
    const [source, target] = await house.jobs(queue, 2)
    await depend(target!, [source!])

    await house.update('job', source!, { status })

    expect(await edges(target!)).toMatchObject([{ source, ended_as: status }])
  })

  test('for every target of it', async ({ house }) => {
    const { insert, state } = pipeline(house)
    const queue = await house.queue()
    const [source, ...targets] = await house.jobs(queue, 50)
    await insert(...targets.map((target) => [source!, target] as [number, number]))

    await house.update('job', source!, { status: 'success' })

    for (const target of targets) expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('and taken back when it is put back: what still waits, waits for it again', async ({ house }) => {
    const { depend, edges, state } = pipeline(house)
    const queue = await house.queue()
    const [a, b, target] = await house.jobs(queue, 3)
    await depend(target!, [a!, b!])
    await house.update('job', a!, { status: 'success' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })

    await house.update('job', a!, { status: 'pending' })

    expect(await edges(target!)).toMatchObject([{ ended_as: null }, { ended_as: null }])
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 2 })
  })

  test('and nothing, when there is no such job any more', async ({ house }) => {
    await house.db.query('select supaqueue_internal.settle_source(999999999)')
  })
})
