import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('a sleepy leader', () => {
  test('puts its queue to sleep when nothing is left to do', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)

    expect(await house.turn(run, queue, { sleepy: true })).toMatchObject({ state: 'asleep', jobs: [] })

    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: false })
  })

  test.for([['13 seconds', 'awake'], ['17 seconds', 'asleep']] as const)(
    'with a job due in %s is %s afterwards',
    async ([due, state], { house }) => {
      const queue = await house.queue({ workers: 1 })
      const run = randomUUID()
      await house.turn(run, queue)
      await house.job(queue, { due })

      expect((await house.turn(run, queue, { sleepy: true })).state).toBe(state)
    },
  )

  test('sleeps over due jobs while every worker is busy', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.jobs(queue, 2)
    await house.take(run, queue)

    expect((await house.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
  })

  test('sleeps over due jobs of a paused queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    const run = randomUUID()
    await house.turn(run, queue)
    await house.job(queue)

    expect((await house.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
  })

  test('takes the job instead when there is one', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)
    await house.job(queue)

    const answer = await house.turn(run, queue, { room: 1, sleepy: true })

    expect(answer.jobs).toHaveLength(1)
    expect(answer.state).toBe('awake')
  })

  test('stays awake while somebody who relied on it has yet to commit, and does not wait', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.db.query('set constraints all immediate')
    const job = await user.job(queue)

    await house.impatient()
    const during = await house.turn(run, queue, { room: 1, sleepy: true })
    await user.commit()
    const after = await house.turn(run, queue, { room: 1, sleepy: true })

    expect(during).toMatchObject({ state: 'awake', jobs: [] })
    expect(after.jobs.map((entry) => entry.job.id)).toEqual([job])
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('that is falling asleep makes whoever enqueues just then wake a run', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)
    const user = await another()

    await house.begin()
    const { state } = await house.turn(run, queue, { sleepy: true })
    await user.impatient()
    await user.job(queue)
    await house.commit()

    expect(state).toBe('asleep')
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('stays awake while somebody holds the heartbeat', async ({ house, another }) => {
    const queue = await house.queue()
    const run = randomUUID()
    await house.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.holdPulse(queue)

    await house.impatient()

    expect((await house.turn(run, queue, { sleepy: true })).state).toBe('awake')
  })

  test('that is the leader no more leaves the heartbeat of its successor alone', async ({ house }) => {
    const queue = await house.queue()
    const leader = randomUUID()
    await house.turn(leader, queue)

    const { rows: [{ asleep }] } = await house.db.query('select supaqueue_internal.fall_asleep($1, $2) as asleep', [
      queue,
      randomUUID(),
    ])

    expect(asleep).toBe(false)
    expect(await house.heartbeat(queue)).toEqual({ run: leader, awake: true })
  })

  test('is the only one who may: another run leaves the queue awake', async ({ house }) => {
    const queue = await house.queue()
    const leader = randomUUID()
    await house.turn(leader, queue)

    expect((await house.turn(randomUUID(), queue, { sleepy: true })).state).toBe('leave')

    expect(await house.heartbeat(queue)).toEqual({ run: leader, awake: true })
  })
})
