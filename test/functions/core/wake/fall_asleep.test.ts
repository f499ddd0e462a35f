import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const needsRun = async (harness: Harness, queue: string): Promise<boolean> =>
  (await harness.db.query('select supaqueue_internal.needs_run(queue) as needing from supaqueue.queue where id = $1', [
    queue,
  ])).rows[0].needing

describe('a sleepy leader', () => {
  test('puts its queue to sleep when nothing is left to do', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)

    expect(await harness.turn(run, queue, { sleepy: true })).toMatchObject({ state: 'asleep', jobs: [] })

    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: false })
  })

  test.for([['13 seconds', 'awake'], ['17 seconds', 'asleep']] as const)(
    'with a job due in %s is %s afterwards',
    async ([due, state], { harness }) => {
      const queue = await harness.queue({ workers: 1 })
      const run = randomUUID()
      await harness.turn(run, queue)
      await harness.job(queue, { due })

      expect((await harness.turn(run, queue, { sleepy: true })).state).toBe(state)
    },
  )

  test('sleeps over due jobs while every worker is busy', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.jobs(queue, 2)
    await harness.take(run, queue)

    expect((await harness.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
  })

  test('sleeps over due jobs of a paused queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.job(queue)

    expect((await harness.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
  })

  test('takes the job instead when there is one', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.job(queue)

    const answer = await harness.turn(run, queue, { room: 1, sleepy: true })

    expect(answer.jobs).toHaveLength(1)
    expect(answer.state).toBe('awake')
  })

  test('stays awake while somebody who relied on it has yet to commit, and does not wait', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.db.query('set constraints all immediate')
    const job = await user.job(queue)

    await harness.impatient()
    const during = await harness.turn(run, queue, { room: 1, sleepy: true })
    await user.commit()
    const after = await harness.turn(run, queue, { room: 1, sleepy: true })

    expect(during).toMatchObject({ state: 'awake', jobs: [] })
    expect(after.jobs.map((entry) => entry.job.id)).toEqual([job])
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('that is falling asleep makes whoever enqueues just then wake a run', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const user = await another()

    await harness.begin()
    const { state } = await harness.turn(run, queue, { sleepy: true })
    await user.impatient()
    await user.job(queue)
    await harness.commit()

    expect(state).toBe('asleep')
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('stays awake while somebody holds the heartbeat', async ({ harness, another }) => {
    const queue = await harness.queue()
    const run = randomUUID()
    await harness.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()

    expect((await harness.turn(run, queue, { sleepy: true })).state).toBe('awake')
  })

  test('that is the leader no more leaves the heartbeat of its successor alone', async ({ harness }) => {
    const queue = await harness.queue()
    const leader = randomUUID()
    await harness.turn(leader, queue)

    const { rows: [{ back_in_ms }] } = await harness.db.query(
      'select supaqueue_internal.fall_asleep($1, $2) as back_in_ms',
      [
        queue,
        randomUUID(),
      ],
    )

    expect(back_in_ms).toBe(null)
    expect(await harness.heartbeat(queue)).toEqual({ run: leader, awake: true })
  })

  test('is the only one who may: another run leaves the queue awake', async ({ harness }) => {
    const queue = await harness.queue()
    const leader = randomUUID()
    await harness.turn(leader, queue)

    expect((await harness.turn(randomUUID(), queue, { sleepy: true })).state).toBe('leave')

    expect(await harness.heartbeat(queue)).toEqual({ run: leader, awake: true })
  })
})

describe('a sleepy leader that can wait, with a job planned in a few seconds,', () => {
  const asleepUntil = async (harness: Harness, { due = '8 seconds', most = 20_000, ...settings }: {
    due?: string
    most?: number
    batch_size?: number
    ordered?: 'key'
  } = {}) => {
    const queue = await harness.queue({ workers: 1, ...settings })
    const run = randomUUID()
    await harness.turn(run, queue)
    const job = await harness.job(queue, { due, concurrency_key: 'one' })
    return { queue, run, job, answer: await harness.turn(run, queue, { room: 1, sleepy: true, back_in_ms: most }) }
  }

  test.for([{}, { ordered: 'key' }, { batch_size: 5 }] as const)(
    'puts the queue to sleep, and is to come back a moment before its time (%j)',
    async (settings, { harness }) => {
      const { queue, run, answer } = await asleepUntil(harness, settings)

      expect(answer.state).toBe('asleep')
      const { rows: [row] } = await harness.db.query(
        `select heartbeat.back_run, heartbeat.awake_until, job.run_at - heartbeat.back_at between '0' and '10 ms' as near
         from supaqueue.heartbeat join supaqueue.job using (queue) where heartbeat.queue = $1`,
        [queue],
      )
      expect(row).toEqual({ back_run: run, awake_until: null, near: true })
      expect(await needsRun(harness, queue)).toBe(false)
    },
  )

  test('is not back before its time, nor more than a hundredth of a second later', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const job = await harness.job(queue, { due: '8 seconds' })
    const leftMs = async () =>
      (await harness.db.query(
        `select date_part('epoch', run_at - clock_timestamp()) * 1000 as ms from supaqueue.job where id = $1`,
        [job],
      )).rows[0].ms

    const before = await leftMs()
    const { back_in_ms } = await harness.turn(run, queue, { room: 1, sleepy: true, back_in_ms: 20_000 })
    const after = await leftMs()

    expect(back_in_ms).toBeGreaterThanOrEqual(after)
    expect(back_in_ms).toBeLessThan(before + 11)
  })

  test.for([['of itself', undefined], ['when another comes back later', '12 seconds']] as const)(
    'sleeps in its first turn, too, if it says how long it can wait: %s',
    async ([, back], { harness }) => {
      const queue = await harness.queue({ workers: 1 })
      if (back) {
        await harness.db.query(
          `update supaqueue.heartbeat set back_run = $2, back_at = clock_timestamp() + $3::interval where queue = $1`,
          [queue, randomUUID(), back],
        )
      }
      await harness.job(queue, { due: '8 seconds' })
      const run = randomUUID()

      const answer = await harness.turn(run, queue, { hello: true, room: 1, back_in_ms: 20_000 })

      expect(answer).toMatchObject({ state: 'asleep', jobs: [], back_in_ms: expect.any(Number) })
      const { rows } = await harness.db.query(`select run, back_run from supaqueue.heartbeat where queue = $1`, [queue])
      expect(rows).toEqual([{ run: null, back_run: run }])
    },
  )

  test.for([['nothing is planned', undefined], ['that is too long', '14 seconds']] as const)(
    'but not when %s',
    async ([, due], { harness }) => {
      const queue = await harness.queue({ workers: 1 })
      if (due) await harness.job(queue, { due })
      const run = randomUUID()

      const answer = await harness.turn(run, queue, { hello: true, room: 1, back_in_ms: 9000 })

      expect(answer).toMatchObject({ state: 'awake', leader: true, back_in_ms: null })
      expect(await harness.heartbeat(queue)).toEqual({ run, awake: true })
    },
  )

  test('nor while somebody who relied on it has yet to commit', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.job(queue, { due: '8 seconds' })
    await harness.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.db.query('set constraints all immediate')
    await user.job(queue)

    const during = await harness.turn(run, queue, { hello: true, room: 1, back_in_ms: 20_000 })
    await user.commit()
    const after = await harness.turn(run, queue, { room: 1, sleepy: true, back_in_ms: 20_000 })

    expect(during).toMatchObject({ state: 'awake', jobs: [] })
    expect(after.jobs).toHaveLength(1)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('takes the job when it is back', async ({ harness }) => {
    const { queue, run, job } = await asleepUntil(harness)
    await harness.db.query(`update supaqueue.job set run_at = now() where id = $1`, [job])

    const answer = await harness.turn(run, queue, { room: 1 })

    expect(answer).toMatchObject({ state: 'awake', leader: true })
    expect(answer.jobs.map((entry) => entry.job.id)).toEqual([job])
  })

  test('stays awake when it cannot wait for so long, or is not asked to', async ({ harness }) => {
    expect((await asleepUntil(harness, { most: 3000 })).answer).toMatchObject({ state: 'awake', back_in_ms: null })
    expect((await asleepUntil(harness, { most: 0 })).answer).toMatchObject({ state: 'awake', back_in_ms: null })
  })

  test('stays awake when it is nearly time', async ({ harness }) => {
    expect((await asleepUntil(harness, { due: '0.2 seconds' })).answer.state).toBe('awake')
  })

  test('stays awake, and looks as often as ever, when something of the user refuses that at the commit', async ({ harness, another }) => {
    const owner = (await another('owner')).db
    await owner.query(`
      create function public.refuse_sleep() returns trigger language plpgsql as $$ begin raise 'no sleep'; end $$;
      create constraint trigger no_sleep after update on supaqueue.heartbeat deferrable initially deferred
      for each row when (new.run is null) execute function public.refuse_sleep()`)
    try {
      expect((await asleepUntil(harness)).answer).toMatchObject({ state: 'awake', back_in_ms: null })
    } finally {
      await owner.query('drop trigger no_sleep on supaqueue.heartbeat')
    }
  })

  test('comes back itself, though another run was to: that one may leave', async ({ harness }) => {
    const { queue, run } = await asleepUntil(harness)
    const other = randomUUID()
    await harness.turn(other, queue)

    const early = await harness.turn(run, queue)
    const answer = await harness.turn(other, queue, { sleepy: true, back_in_ms: 20_000 })

    expect(early.state).toBe('leave')
    expect(answer).toMatchObject({ state: 'asleep', back_in_ms: expect.any(Number) })
  })

  test('says anew when it is to come back, after it led again', async ({ harness }) => {
    const { queue, run } = await asleepUntil(harness)
    await harness.turn(run, queue)

    const again = await harness.turn(run, queue, { sleepy: true, back_in_ms: 20_000 })

    expect(again.state).toBe('asleep')
    expect(again.back_in_ms).toBeGreaterThan(0)
  })

  test('is not relied on by one who plans a job before: a run is woken', async ({ harness }) => {
    const { queue } = await asleepUntil(harness)
    await harness.job(queue, { due: '10 seconds' })
    expect(await harness.wakeUps(queue)).toBe(0)

    await harness.job(queue, { due: '4 seconds' })

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('nor by one whose job is due at once', async ({ harness }) => {
    const { queue } = await asleepUntil(harness)

    await harness.job(queue)

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.currentJobs(queue)).toHaveLength(1)
  })

  test('that ends before it could come back wakes a successor', async ({ harness }) => {
    const { queue, run } = await asleepUntil(harness)

    await harness.turn(run, queue, { stop: true })

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await needsRun(harness, queue)).toBe(true)
  })

  test('wakes a successor, too, when it ends beside one who planned a job for later and has yet to commit', async ({ harness, another }) => {
    const { queue, run, job } = await asleepUntil(harness)
    const user = await another()
    await user.begin()
    await user.db.query('set constraints all immediate')
    await user.job(queue, { due: '10 seconds' })
    await harness.db.query(`select supaqueue.cancel($1)`, [job])

    await harness.turn(run, queue, { stop: true })
    await user.commit()

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('and is back in time leaves it to whoever leads meanwhile', async ({ harness }) => {
    const { queue, run } = await asleepUntil(harness)
    const other = randomUUID()
    await harness.turn(other, queue)

    expect((await harness.turn(run, queue)).state).toBe('leave')

    // Nobody comes back now but the leader itself.
    expect((await harness.turn(other, queue, { sleepy: true })).state).toBe('awake')
  })

  test('and finds nothing left to come back for takes back that it would', async ({ harness }) => {
    const { queue, run, job } = await asleepUntil(harness)
    await harness.db.query(`select supaqueue.cancel($1)`, [job])
    await harness.turn(run, queue)

    expect(await harness.turn(run, queue, { sleepy: true, back_in_ms: 20_000 }))
      .toMatchObject({ state: 'asleep', back_in_ms: null })

    const before = await harness.wakeUps(queue)
    await harness.job(queue, { due: '10 seconds' })
    expect(await harness.wakeUps(queue)).toBe(before + 1)
  })

  test('that died is missed once its time has come', async ({ harness }) => {
    const { queue } = await asleepUntil(harness)

    await harness.db.query(
      `update supaqueue.heartbeat set back_at = clock_timestamp() - interval '1 millisecond' where queue = $1`,
      [queue],
    )

    expect(await needsRun(harness, queue)).toBe(true)
  })

  test('stays awake while somebody who relied on it has yet to commit', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.job(queue, { due: '8 seconds' })
    const user = await another()
    await user.begin()
    await user.db.query('set constraints all immediate')
    await user.job(queue, { due: '4 seconds' })

    const during = await harness.turn(run, queue, { sleepy: true, back_in_ms: 20_000 })
    await user.commit()
    const after = await harness.turn(run, queue, { sleepy: true, back_in_ms: 20_000 })

    expect(during).toMatchObject({ state: 'awake', back_in_ms: null })
    expect(after.state).toBe('asleep')
    expect(after.back_in_ms).toBeLessThan(4000)
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('that is falling asleep makes whoever plans a job before just then wake a run', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.job(queue, { due: '8 seconds' })
    const user = await another()

    await harness.begin()
    const { state } = await harness.turn(run, queue, { sleepy: true, back_in_ms: 20_000 })
    await user.impatient()
    await user.job(queue, { due: '4 seconds' })
    await harness.commit()

    expect(state).toBe('asleep')
    expect(await harness.wakeUps(queue)).toBe(1)
  })
})
