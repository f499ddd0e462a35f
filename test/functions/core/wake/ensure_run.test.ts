import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'

describe('ensure_run', () => {
  test('pairs a job with a free worker when the insert commits, and wakes a run once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    await house.begin()
    const job = await house.job(queue)
    const beforeCommit = await house.inProgress(queue)
    await house.commit()

    expect(beforeCommit).toEqual([])
    expect(await house.inProgress(queue)).toEqual([job])
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('does nothing while a run is awake', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)

    await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([])
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('does nothing while a run is on its way', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.job(queue)

    await house.job(queue)

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('wakes it again when the run that was expected did not come', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.job(queue)
    await house.age('heartbeat', queue)

    await house.job(queue)

    expect(await house.wakeUps(queue)).toBe(2)
  })

  test('wakes a run for a due job that finds every worker busy: one may be on its way back', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    await house.age('heartbeat', queue)

    const job = await house.job(queue)

    expect(await house.wakeUps(queue)).toBe(2)
    expect((await house.jobRow(job)).status).toBe('pending')
    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test.for(['1 second', '9 seconds', '14 seconds'])(
    'wakes a run for a job that is due in %s, which waits for it: the next sweep may come too late',
    async (due, { house }) => {
      const queue = await house.queue({ workers: 1 })

      const job = await house.job(queue, { due })

      expect(await house.wakeUps(queue)).toBe(1)
      expect((await house.jobRow(job)).status).toBe('pending')
      expect(await house.turn(randomUUID(), queue, { sleepy: true })).toMatchObject({ state: 'awake', jobs: [] })
    },
  )

  test('leaves a job that is due later to the sweep, which looks further ahead than it is apart', async ({ house }) => {
    const [later, near] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]
    await house.job(later, { due: '17 seconds' })
    // The sweep came thirteen seconds before it.
    await house.plannedJob(near, '13 seconds')
    expect(await house.wakeUps(later)).toBe(0)

    await house.db.query('select supaqueue.sweep()')

    expect([await house.wakeUps(later), await house.wakeUps(near)]).toEqual([0, 1])
    expect(await house.turn(randomUUID(), near, { sleepy: true })).toMatchObject({ state: 'awake', jobs: [] })
  })

  test.for(
    [
      ['a held job', { status: 'held' }],
      ['a job whose status is null', { status: null }],
      ['a cancelled job', { status: 'cancelled' }],
      ['a job planned for later', { due: '1 hour' }],
    ] as const,
  )('stays asleep for %s', async ([, job], { house }) => {
    const queue = await house.queue({ workers: 1 })

    await house.job(queue, job)

    expect(await house.wakeUps(queue)).toBe(0)
    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: false })
  })
})

// Outside of read committed every look wakes a run, so that wake-ups can be counted as answers.
describe('the signal', () => {
  test('is answered once per queue for 10,000 jobs of three queues in one statement', async ({ house }) => {
    const queues = [await house.queue(), await house.queue(), await house.queue()]

    await house.transaction(
      () =>
        house.db.query(
          `insert into supaqueue.job (queue) select ($1::uuid[])[1 + n % 3] from generate_series(1, 10000) as n`,
          [queues],
        ),
      'repeatable read',
    )

    for (const queue of queues) expect(await house.wakeUps(queue)).toBe(1)
  })

  test('is answered once per transaction, however many statements asked for it', async ({ house }) => {
    const queue = await house.queue()

    await house.transaction(async () => {
      await house.job(queue)
      await house.workers(queue, 2)
      await house.jobs(queue, 3)
    }, 'repeatable read')

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('does not ring for a savepoint that was rolled back', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    await house.transaction(async () => {
      await house.db.query('savepoint before')
      await house.job(queue)
      await house.db.query('rollback to savepoint before')
    })

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('rings for a job inserted after a savepoint that was rolled back', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    const job = await house.transaction(async () => {
      await house.db.query('savepoint before')
      await house.job(queue)
      await house.db.query('rollback to savepoint before')
      return await house.job(queue)
    })

    expect(await house.inProgress(queue)).toEqual([job])
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('leaves no trace of a transaction that was rolled back', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    await house.begin()
    await house.job(queue)
    await house.db.query('set constraints all immediate')
    await house.rollback()

    expect(await house.wakeUps(queue)).toBe(0)
    expect(await house.freeWorkers(queue)).toBe(1)
    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: false })
  })

  test.for([['held', 'held'], ['null', null], ['cancelled', 'cancelled'], ['success', 'success']] as const)(
    'does not ring for a job whose status is %s',
    async ([, status], { house }) => {
      const queue = await house.queue()

      await house.transaction(() => house.job(queue, { status }), 'repeatable read')

      expect(await house.wakeUps(queue)).toBe(0)
    },
  )

  test('rings again for inserts after set constraints all immediate', async ({ house }) => {
    const queue = await house.queue()
    const wakeUps: number[] = []

    await house.transaction(async () => {
      await house.job(queue)
      await house.db.query('set constraints all immediate')
      wakeUps.push(await house.wakeUps(queue))
      await house.job(queue)
      wakeUps.push(await house.wakeUps(queue))
      await house.db.query('set constraints all deferred')
      await house.job(queue)
      wakeUps.push(await house.wakeUps(queue))
    }, 'repeatable read')

    expect(wakeUps).toEqual([1, 2, 2])
    expect(await house.wakeUps(queue)).toBe(3)
  })

  test('rings for each of two queues whose ids come in one transaction', async ({ house }) => {
    const [one, two] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]

    await house.transaction(async () => {
      await house.job(one)
      await house.job(two)
    })

    expect([await house.wakeUps(one), await house.wakeUps(two)]).toEqual([1, 1])
  })
})

describe('enqueueing', () => {
  test.for(['repeatable read', 'serializable'])(
    'under %s only wakes, and does not fail for a turn that ran meanwhile',
    async (isolation, { house, another }) => {
      const queue = await house.queue({ workers: 3 })
      await house.jobs(queue, 3)
      const user = await another()
      const run = randomUUID()

      await user.begin(isolation)
      await user.job(queue, { due: '1 hour' })
      const begun = await house.take(run, queue)
      await house.report(run, queue, begun.map((entry) => entry.current_job.id))
      await house.update('queue', queue, { paused: false })
      await house.sleep(queue, run)
      const before = await house.wakeUps(queue)
      const job = await user.job(queue)
      await user.commit()

      expect(await house.wakeUps(queue)).toBe(before + 1)
      expect((await house.jobRow(job)).status).toBe('pending')
      expect((await house.heartbeat(queue)).awake).toBe(false)
    },
  )

  test('wakes a run instead of waiting for a run that is going to sleep', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const sleeper = await another()
    await sleeper.db.query('select pg_advisory_lock(1398100049, uuid_hash($1))', [queue])

    await house.impatient()
    const job = await house.job(queue)

    expect(await house.wakeUps(queue)).toBe(1)
    expect((await house.jobRow(job)).status).toBe('pending')
  })

  test('does not wait for whoever holds the heartbeat', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await house.impatient()
    const job = await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('into two queues in opposite orders by two transactions does not deadlock', async ({ house, another }) => {
    const [one, two] = [await house.queue({ workers: 2 }), await house.queue({ workers: 2 })]
    const [left, right] = [await another(), await another()]

    for (const user of [left, right]) {
      await user.impatient()
      await user.begin()
      await user.db.query('set constraints all immediate')
    }
    const jobs = [await left.job(one), await right.job(two), await left.job(two), await right.job(one)]
    await left.commit()
    await right.commit()

    expect([...await house.inProgress(one), ...await house.inProgress(two)].sort()).toEqual(jobs.sort())
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
    const admin = houseOf(await ownDatabase.connect('admin'))
    const house = houseOf(await ownDatabase.connect())
    const queue = await house.queue({ workers: 1 })
    await admin.db.query(illness)

    let job = 0
    const warnings = await house.warnings(async () => job = await house.job(queue))

    expect((await house.jobRow(job)).payload).toEqual({})
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'SQ503', hint: expect.stringContaining('The job is safe') }),
    ])
  })

  test('commits into a paused queue, which stays asleep', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })

    const job = await house.job(queue)

    expect((await house.jobRow(job)).status).toBe('pending')
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('needs no right but to insert: the signal of a stranger is answered', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const stranger = await another('admin')
    const role = `app_${randomUUID().replaceAll('-', '')}`
    await stranger.db.query(`
      create role ${role};
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      -- Row level security is on; who may insert what is for the owner of the project to say.
      create policy ${role} on supaqueue.job for insert to ${role} with check (true);
      set role ${role}`)

    const warnings = await stranger.warnings(() =>
      stranger.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [queue, { arg1: 'val' }])
    )
    await stranger.db.query(`reset role; drop owned by ${role}; drop role ${role}`)

    expect(warnings).toEqual([])
    expect(await house.inProgress(queue)).toHaveLength(1)
    expect(await house.wakeUps(queue)).toBe(1)
  })
})

describe('under an older snapshot', () => {
  for (const isolation of ['repeatable read', 'serializable']) {
    test(`a run that is awake is relied on, ${isolation}`, async ({ house, another }) => {
      const queue = await house.queue({ workers: 1 })
      const run = await another()
      await run.turn(randomUUID(), queue, { room: 1 })

      for (let i = 0; i < 10; i++) await house.transaction(() => house.job(queue), isolation)

      expect(await house.wakeUps(queue)).toBe(0)
    })

    test(`a heartbeat that was written since is not, ${isolation}`, async ({ house, another }) => {
      const queue = await house.queue({ workers: 1 })
      const leader = randomUUID()
      const run = await another()
      await run.turn(leader, queue, { room: 1 })

      await house.transaction(async () => {
        await house.job(queue)
        await run.sleep(queue, leader)
      }, isolation)

      expect(await house.wakeUps(queue)).toBe(1)
    })
  }
})
