import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('the leader', () => {
  test('is the first run that comes, and the queue is awake from then on', async ({ harness }) => {
    const queue = await harness.queue()
    const run = randomUUID()

    expect(await harness.turn(run, queue)).toMatchObject({ state: 'awake', leader: true })

    expect(await harness.heartbeat(queue)).toEqual({ run, awake: true })
  })

  test('is known since when it leads, and by how many turns', async ({ harness }) => {
    const queue = await harness.queue()
    const [run, next] = [randomUUID(), randomUUID()]
    const known = async () =>
      (await harness.db.query('select run, led_since, turns from supaqueue.heartbeat where queue = $1', [queue]))
        .rows[0]

    await harness.turn(run, queue, { turns: 1 })
    const first = await known()
    await harness.age('heartbeat', queue)
    await harness.turn(run, queue, { turns: 7 })
    const later = await known()
    await harness.age('heartbeat', queue)
    await harness.turn(next, queue, { turns: 2 })
    const other = await known()

    expect([first.run, first.turns, later.turns]).toEqual([run, 1, 7])
    expect(later.led_since).toEqual(first.led_since)
    expect(other).toMatchObject({ run: next, turns: 2 })
    expect(other.led_since.getTime()).toBeGreaterThan(first.led_since.getTime())
  })

  test('is led as well by a dispatcher that does not count its turns', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await harness.turn(randomUUID(), queue)).toMatchObject({ leader: true })
    expect((await harness.db.query('select turns from supaqueue.heartbeat where queue = $1', [queue])).rows)
      .toEqual([{ turns: null }])
  })

  test('is the run that was expected', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const run = randomUUID()

    expect((await harness.turn(run, queue)).leader).toBe(true)

    expect((await harness.heartbeat(queue)).run).toBe(run)
  })

  test('is one: a second run with nothing to do leaves at once', async ({ harness }) => {
    const queue = await harness.queue()
    const run = randomUUID()
    await harness.turn(run, queue)

    expect(await harness.turn(randomUUID(), queue, { room: 5 })).toMatchObject({ state: 'leave', leader: false })

    expect((await harness.heartbeat(queue)).run).toBe(run)
  })

  test('is one: a second run that brought reports stays for one more turn', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const [leader, second] = [randomUUID(), randomUUID()]
    await harness.job(queue)
    const [entry] = await harness.take(second, queue)
    await harness.age('heartbeat', queue)
    await harness.turn(leader, queue)

    const states = [
      (await harness.report(second, queue, [entry!.current_job.id])).state,
      (await harness.turn(second, queue)).state,
    ]

    expect(states).toEqual(['awake', 'leave'])
  })

  test('is one: a second run that gets a job does not leave', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)

    expect(await harness.turn(randomUUID(), queue, { room: 1 })).toMatchObject({ state: 'awake', leader: false })
  })

  test('that died is succeeded by the next run once its heartbeat has run out', async ({ harness }) => {
    const queue = await harness.queue()
    const [dead, next] = [randomUUID(), randomUUID()]
    await harness.turn(dead, queue)
    await harness.age('heartbeat', queue)

    expect(await harness.turn(next, queue)).toMatchObject({ state: 'awake', leader: true })
    expect(await harness.turn(dead, queue)).toMatchObject({ state: 'leave', leader: false })
  })

  test('that died is succeeded by one of two runs that come at once', async ({ harness, another }) => {
    const queue = await harness.queue()
    await harness.turn(randomUUID(), queue)
    await harness.age('heartbeat', queue)
    const other = await another()

    await harness.begin()
    const mine = await harness.turn(randomUUID(), queue)
    await other.impatient()
    const theirs = await other.turn(randomUUID(), queue)
    await harness.commit()

    expect([mine.leader, theirs.leader]).toEqual([true, false])
  })

  test('prolongs the heartbeat while most of it is left, and leaves a fresh one alone', async ({ harness }) => {
    const queue = await harness.queue()
    const run = randomUUID()
    const until = async () =>
      (await harness.db.query('select awake_until from supaqueue.heartbeat where queue = $1', [queue])).rows[0]
        .awake_until
    await harness.turn(run, queue)
    const first = await until()

    await harness.turn(run, queue)
    expect(await until()).toEqual(first)

    await harness.db.query(
      `update supaqueue.heartbeat set awake_until = clock_timestamp() + interval '3900 milliseconds' where queue = $1`,
      [queue],
    )
    await harness.turn(run, queue)
    expect((await until()).getTime()).toBeGreaterThanOrEqual(first.getTime())
  })

  test('stays the leader while somebody holds the heartbeat, and does not wait', async ({ harness, another }) => {
    const queue = await harness.queue()
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.age('heartbeat', queue)
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()

    expect(await harness.turn(run, queue)).toMatchObject({ state: 'awake', leader: true })
    // The heartbeat has run out, so this one has nobody to leave the queue to.
    expect(await harness.turn(randomUUID(), queue)).toMatchObject({ state: 'awake', leader: false })
  })
})
