import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('ensure_run', () => {
  test('pairs a job with a free worker when the insert commits, and wakes a run once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    await harness.begin()
    const job = await harness.job(queue)
    const beforeCommit = await harness.inProgress(queue)
    await harness.commit()

    expect(beforeCommit).toEqual([])
    expect(await harness.inProgress(queue)).toEqual([job])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('does nothing while a run is awake', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)

    await harness.job(queue)

    expect(await harness.inProgress(queue)).toEqual([])
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('does nothing while a run is on its way', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.job(queue)

    await harness.job(queue)

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('wakes it again when the run that was expected did not come', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.job(queue)

    expect(await harness.wakeUps(queue)).toBe(2)
  })

  test('wakes a run for a due job that finds every worker busy: one may be on its way back', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.age('heartbeat', queue)

    const job = await harness.job(queue)

    expect(await harness.wakeUps(queue)).toBe(2)
    expect((await harness.jobRow(job)).status).toBe('pending')
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test.for(['1 second', '9 seconds', '14 seconds'])(
    'wakes a run for a job that is due in %s, which waits for it: the next sweep may come too late',
    async (due, { harness }) => {
      const queue = await harness.queue({ workers: 1 })

      const job = await harness.job(queue, { due })

      expect(await harness.wakeUps(queue)).toBe(1)
      expect((await harness.jobRow(job)).status).toBe('pending')
      expect(await harness.turn(randomUUID(), queue, { sleepy: true })).toMatchObject({ state: 'awake', jobs: [] })
    },
  )

  test('leaves a job that is due later to the sweep, which looks further ahead than it is apart', async ({ harness }) => {
    const [later, near] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    await harness.job(later, { due: '17 seconds' })
    // The sweep came thirteen seconds before it.
    await harness.plannedJob(near, '13 seconds')
    expect(await harness.wakeUps(later)).toBe(0)

    await harness.db.query('select supaqueue.sweep()')

    expect([await harness.wakeUps(later), await harness.wakeUps(near)]).toEqual([0, 1])
    expect(await harness.turn(randomUUID(), near, { sleepy: true })).toMatchObject({ state: 'awake', jobs: [] })
  })

  test.for(
    [
      ['a held job', { status: 'held' }],
      ['a job whose status is null', { status: null }],
      ['a cancelled job', { status: 'cancelled' }],
      ['a job planned for later', { due: '1 hour' }],
    ] as const,
  )('stays asleep for %s', async ([, job], { harness }) => {
    const queue = await harness.queue({ workers: 1 })

    await harness.job(queue, job)

    expect(await harness.wakeUps(queue)).toBe(0)
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: false })
  })
})

// Outside of read committed every look wakes a run, so that wake-ups can be counted as answers.
describe('the signal', () => {
  test('is answered once per queue for 10,000 jobs of three queues in one statement', async ({ harness }) => {
    const queues = [await harness.queue(), await harness.queue(), await harness.queue()]

    await harness.transaction(
      () =>
        harness.db.query(
          `insert into supaqueue.job (queue) select ($1::uuid[])[1 + n % 3] from generate_series(1, 10000) as n`,
          [queues],
        ),
      'repeatable read',
    )

    for (const queue of queues) expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('is answered once per transaction, however many statements asked for it', async ({ harness }) => {
    const queue = await harness.queue()

    await harness.transaction(async () => {
      await harness.job(queue)
      await harness.workers(queue, 2)
      await harness.jobs(queue, 3)
    }, 'repeatable read')

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('does not ring for a savepoint that was rolled back', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    await harness.transaction(async () => {
      await harness.db.query('savepoint before')
      await harness.job(queue)
      await harness.db.query('rollback to savepoint before')
    })

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('rings for a job inserted after a savepoint that was rolled back', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    const job = await harness.transaction(async () => {
      await harness.db.query('savepoint before')
      await harness.job(queue)
      await harness.db.query('rollback to savepoint before')
      return await harness.job(queue)
    })

    expect(await harness.inProgress(queue)).toEqual([job])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('leaves no trace of a transaction that was rolled back', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    await harness.begin()
    await harness.job(queue)
    await harness.db.query('set constraints all immediate')
    await harness.rollback()

    expect(await harness.wakeUps(queue)).toBe(0)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: false })
  })

  test.for([['held', 'held'], ['null', null], ['cancelled', 'cancelled'], ['success', 'success']] as const)(
    'does not ring for a job whose status is %s',
    async ([, status], { harness }) => {
      const queue = await harness.queue()

      await harness.transaction(() => harness.job(queue, { status }), 'repeatable read')

      expect(await harness.wakeUps(queue)).toBe(0)
    },
  )

  test('rings again for inserts after set constraints all immediate', async ({ harness }) => {
    const queue = await harness.queue()
    const wakeUps: number[] = []

    await harness.transaction(async () => {
      await harness.job(queue)
      await harness.db.query('set constraints all immediate')
      wakeUps.push(await harness.wakeUps(queue))
      await harness.job(queue)
      wakeUps.push(await harness.wakeUps(queue))
      await harness.db.query('set constraints all deferred')
      await harness.job(queue)
      wakeUps.push(await harness.wakeUps(queue))
    }, 'repeatable read')

    expect(wakeUps).toEqual([1, 2, 2])
    expect(await harness.wakeUps(queue)).toBe(3)
  })

  test('rings for each of two queues whose ids come in one transaction', async ({ harness }) => {
    const [one, two] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]

    await harness.transaction(async () => {
      await harness.job(one)
      await harness.job(two)
    })

    expect([await harness.wakeUps(one), await harness.wakeUps(two)]).toEqual([1, 1])
  })
})

describe('enqueueing', () => {
  test.for(['repeatable read', 'serializable'])(
    'under %s only wakes, and does not fail for a turn that ran meanwhile',
    async (isolation, { harness, another }) => {
      const queue = await harness.queue({ workers: 3 })
      await harness.jobs(queue, 3)
      const user = await another()
      const run = randomUUID()

      await user.begin(isolation)
      await user.job(queue, { due: '1 hour' })
      const begun = await harness.take(run, queue)
      await harness.report(run, queue, begun.map((entry) => entry.current_job.id))
      await harness.update('queue', queue, { paused: false })
      await harness.sleep(queue, run)
      const before = await harness.wakeUps(queue)
      const job = await user.job(queue)
      await user.commit()

      expect(await harness.wakeUps(queue)).toBe(before + 1)
      expect((await harness.jobRow(job)).status).toBe('pending')
      expect((await harness.heartbeat(queue)).awake).toBe(false)
    },
  )

  test('wakes a run instead of waiting for a run that is going to sleep', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const sleeper = await another()
    await sleeper.db.query('select pg_advisory_lock(1398100049, uuid_hash($1))', [queue])

    await harness.impatient()
    const job = await harness.job(queue)

    expect(await harness.wakeUps(queue)).toBe(1)
    expect((await harness.jobRow(job)).status).toBe('pending')
  })

  test('does not wait for whoever holds the heartbeat', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()
    const job = await harness.job(queue)

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('into two queues in opposite orders by two transactions does not deadlock', async ({ harness, another }) => {
    const [one, two] = [await harness.queue({ workers: 2 }), await harness.queue({ workers: 2 })]
    const [left, right] = [await another(), await another()]

    for (const user of [left, right]) {
      await user.impatient()
      await user.begin()
      await user.db.query('set constraints all immediate')
    }
    const jobs = [await left.job(one), await right.job(two), await left.job(two), await right.job(one)]
    await left.commit()
    await right.commit()

    expect([...await harness.inProgress(one), ...await harness.inProgress(two)].sort()).toEqual(jobs.sort())
  })

  test.for(
    [
      ['Vault has no secret', `delete from vault.secrets`],
      ['there is no Vault', `drop schema vault cascade`],
      ['the setting functions_url is missing', `delete from supaqueue.setting`],
      ['nobody may use pg_net', `revoke usage on schema net from public, anon, authenticated, service_role, postgres`],
      ['pg_net lost its function', `drop function net.http_post`],
      ['there is no pg_net', `drop schema net cascade`],
      ['pgcrypto is missing', `drop extension pgcrypto cascade`],
      ['dispatch itself is broken', `drop function supaqueue_internal.claim`],
    ] as const,
  )('commits though %s, and warns with what to do', async ([, illness], { ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue({ workers: 1 })
    await admin.db.query(illness)

    let job = 0
    const warnings = await harness.warnings(async () => job = await harness.job(queue))

    expect((await harness.jobRow(job)).payload).toEqual({})
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'SQ503', hint: expect.stringContaining('The job is safe') }),
    ])
  })

  test('commits into a paused queue, which stays asleep', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })

    const job = await harness.job(queue)

    expect((await harness.jobRow(job)).status).toBe('pending')
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('needs no right but to insert: the signal of a stranger is answered', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const stranger = await another('admin')
    const role = `app_${randomUUID().replaceAll('-', '')}`
    await stranger.db.query(`
      create role ${role};
      -- Row level security is on; who may insert what is for the owner of the project to say.
      create policy ${role} on supaqueue.job for insert to ${role} with check (true);
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      set role ${role}`)

    const warnings = await stranger.warnings(() =>
      stranger.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [queue, { arg1: 'val' }])
    )
    await stranger.db.query(
      `reset role; drop policy ${role} on supaqueue.job; drop owned by ${role}; drop role ${role}`,
    )

    expect(warnings).toEqual([])
    expect(await harness.inProgress(queue)).toHaveLength(1)
    expect(await harness.wakeUps(queue)).toBe(1)
  })
})

describe('under an older snapshot', () => {
  for (const isolation of ['repeatable read', 'serializable']) {
    test(`a run that is awake is relied on, ${isolation}`, async ({ harness, another }) => {
      const queue = await harness.queue({ workers: 1 })
      const run = await another()
      await run.turn(randomUUID(), queue, { room: 1 })

      for (let i = 0; i < 10; i++) await harness.transaction(() => harness.job(queue), isolation)

      expect(await harness.wakeUps(queue)).toBe(0)
    })

    test(`a heartbeat that was written since is not, ${isolation}`, async ({ harness, another }) => {
      const queue = await harness.queue({ workers: 1 })
      const leader = randomUUID()
      const run = await another()
      await run.turn(leader, queue, { room: 1 })

      await harness.transaction(async () => {
        await harness.job(queue)
        await run.sleep(queue, leader)
      }, isolation)

      expect(await harness.wakeUps(queue)).toBe(1)
    })
  }
})
