import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

describe('a job that its sources hold', () => {
  test('stays held when it is set to pending, until they release it', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.update('job', target!, { status: 'pending' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })
    await harness.update('job', source!, { status: 'success' })

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('and set to pending by hand, is not let go by that of one that failed', async ({ harness }) => {
    const { depend, edges, state } = pipeline(harness)
    const [a, b, target] = await harness.jobs(await harness.queue(), 3)
    await depend(target!, [a!, b!], 'hold')
    await harness.update('job', a!, { status: 'failed' })

    await harness.update('job', target!, { status: 'pending' })
    await harness.update('job', b!, { status: 'success' })

    expect(await state(target!)).toEqual({ status: 'held', waits_for: 0 })
    expect(await edges(target!)).toMatchObject([{ on_failure: 'hold' }, { on_failure: 'hold' }])
  })

  test('and then the user, stays held when they have ended', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.update('job', target!, { status: 'held' })
    await harness.update('job', source!, { status: 'success' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 0 })
    await harness.update('job', target!, { status: 'pending' })

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('and then the user, waits again when the user lets go before they have ended', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.update('job', target!, { status: 'held' })
    await harness.update('job', target!, { status: 'pending' })

    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })
  })

  test('waits for nothing any more when it is cancelled', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.update('job', target!, { status: 'cancelled' })
    await harness.update('job', source!, { status: 'success' })

    expect(await state(target!)).toEqual({ status: 'cancelled', waits_for: 0 })
  })
})

describe('a job that was cancelled because its source failed', () => {
  test('runs when the user puts it back, and is not cancelled for the same reason again', async ({ harness }) => {
    const { depend, edges, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])
    await harness.update('job', source!, { status: 'failed' })
    expect((await state(target!)).status).toBe('cancelled')

    await harness.update('job', target!, { status: 'pending' })

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
    expect(await edges(target!)).toMatchObject([{ ended_as: 'failed', on_failure: 'run' }])
  })

  test('waits for its source when that was put back before', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])
    await harness.update('job', source!, { status: 'failed' })

    await harness.update('job', source!, { status: 'pending' })
    await harness.update('job', target!, { status: 'pending' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })
    await harness.update('job', source!, { status: 'success' })

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })
})

test('a job that the user holds is cancelled all the same when its source fails', async ({ harness }) => {
  const { depend, state } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  await harness.update('job', target!, { status: 'held' })

  await harness.update('job', source!, { status: 'failed' })

  expect((await state(target!)).status).toBe('cancelled')
})

test('put back under an older snapshot, a job whose source has ended since is not held for ever', async ({ harness, another }) => {
  const { depend, lookAgain, state } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  await harness.update('job', target!, { status: 'held' })
  const user = await another()

  await user.begin('repeatable read')
  await user.jobRow(target!)
  await harness.update('job', source!, { status: 'success' })
  await user.update('job', target!, { status: 'pending' })
  await user.commit()
  await lookAgain()

  expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
})
