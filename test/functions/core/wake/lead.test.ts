import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('the leader', () => {
  test('is the first run that comes, and the queue is awake from then on', async ({ house }) => {
    const queue = await house.queue()
    const run = randomUUID()

    expect(await house.turn(run, queue)).toMatchObject({ state: 'awake', leader: true })

    expect(await house.heartbeat(queue)).toEqual({ run, awake: true })
  })

  test('is known since when it leads, and by how many turns', async ({ house }) => {
    const queue = await house.queue()
    const [run, next] = [randomUUID(), randomUUID()]
    const known = async () =>
      (await house.db.query('select run, led_since, turns from supaqueue.heartbeat where queue = $1', [queue])).rows[0]

    await house.turn(run, queue, { turns: 1 })
    const first = await known()
    await house.age('heartbeat', queue)
    await house.turn(run, queue, { turns: 7 })
    const later = await known()
    await house.age('heartbeat', queue)
    await house.turn(next, queue, { turns: 2 })
    const other = await known()

    expect([first.run, first.turns, later.turns]).toEqual([run, 1, 7])
    expect(later.led_since).toEqual(first.led_since)
    expect(other).toMatchObject({ run: next, turns: 2 })
    expect(other.led_since.getTime()).toBeGreaterThan(first.led_since.getTime())
  })

  test('is led as well by a dispatcher that does not count its turns', async ({ house }) => {
    const queue = await house.queue()

    expect(await house.turn(randomUUID(), queue)).toMatchObject({ leader: true })
    expect((await house.db.query('select turns from supaqueue.heartbeat where queue = $1', [queue])).rows)
      .toEqual([{ turns: null }])
  })

  test('is the run that was expected', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    const run = randomUUID()

    expect((await house.turn(run, queue)).leader).toBe(true)

    expect((await house.heartbeat(queue)).run).toBe(run)
  })

  test('is one: a second run with nothing to do leaves at once', async ({ house }) => {
    const queue = await house.queue()
    const run = randomUUID()
    await house.turn(run, queue)

    expect(await house.turn(randomUUID(), queue, { room: 5 })).toMatchObject({ state: 'leave', leader: false })

    expect((await house.heartbeat(queue)).run).toBe(run)
  })

  test('is one: a second run that brought reports stays for one more turn', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const [leader, second] = [randomUUID(), randomUUID()]
    await house.job(queue)
    const [entry] = await house.take(second, queue)
    await house.age('heartbeat', queue)
    await house.turn(leader, queue)

    const states = [
      (await house.report(second, queue, [entry!.current_job.id])).state,
      (await house.turn(second, queue)).state,
    ]

    expect(states).toEqual(['awake', 'leave'])
  })

  test('is one: a second run that gets a job does not leave', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    await house.job(queue)

    expect(await house.turn(randomUUID(), queue, { room: 1 })).toMatchObject({ state: 'awake', leader: false })
  })

  test('that died is succeeded by the next run once its heartbeat has run out', async ({ house }) => {
    const queue = await house.queue()
    const [dead, next] = [randomUUID(), randomUUID()]
    await house.turn(dead, queue)
    await house.age('heartbeat', queue)

    expect(await house.turn(next, queue)).toMatchObject({ state: 'awake', leader: true })
    expect(await house.turn(dead, queue)).toMatchObject({ state: 'leave', leader: false })
  })

  test('that died is succeeded by one of two runs that come at once', async ({ house, another }) => {
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)
    await house.age('heartbeat', queue)
    const other = await another()

    await house.begin()
    const mine = await house.turn(randomUUID(), queue)
    await other.impatient()
    const theirs = await other.turn(randomUUID(), queue)
    await house.commit()

    expect([mine.leader, theirs.leader]).toEqual([true, false])
  })

  test('prolongs the heartbeat while most of it is left, and leaves a fresh one alone', async ({ house }) => {
    const queue = await house.queue()
    const run = randomUUID()
    const until = async () =>
      (await house.db.query('select awake_until from supaqueue.heartbeat where queue = $1', [queue])).rows[0]
        .awake_until
    await house.turn(run, queue)
    const first = await until()

    await house.turn(run, queue)
    expect(await until()).toEqual(first)

    await house.db.query(
      `update supaqueue.heartbeat set awake_until = clock_timestamp() + interval '3900 milliseconds' where queue = $1`,
      [queue],
    )
    await house.turn(run, queue)
    expect((await until()).getTime()).toBeGreaterThanOrEqual(first.getTime())
  })

  test('stays the leader while somebody holds the heartbeat, and does not wait', async ({ house, another }) => {
    const queue = await house.queue()
    const run = randomUUID()
    await house.turn(run, queue)
    await house.age('heartbeat', queue)
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await house.impatient()

    expect(await house.turn(run, queue)).toMatchObject({ state: 'awake', leader: true })
    // The heartbeat has run out, so this one has nobody to leave the queue to.
    expect(await house.turn(randomUUID(), queue)).toMatchObject({ state: 'awake', leader: false })
  })
})
