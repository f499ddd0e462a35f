import type pg from 'pg'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'

// Somebody locks a whole table of ours (vacuum full, alter table, a lock that is forgotten) after a transaction did its
// work and before it commits. What ours look for at commit waits for him half a second, and once: whoever enqueues does
// not wait for dispatch, and a sweep that has done its chores ends.

const QUEUES = 3

/** What is to be committed. Returns the queues that have work then. */
type Scene = (harness: Harness) => Promise<() => Promise<string[]>>

const asleep = (harness: Harness, workers = 1): Promise<string> =>
  harness.queue({ workers, edge_function_name: `fn-${crypto.randomUUID()}` })

const many = (harness: Harness, workers?: number) =>
  Promise.all(Array.from({ length: QUEUES }, () => asleep(harness, workers)))

const scenes: Record<string, Scene> = {
  'jobs for three queues that sleep': async (harness) => {
    const queues = await many(harness)
    return async () => {
      for (const queue of queues) await harness.job(queue)
      return queues
    }
  },
  'jobs for queues with batches': async (harness) => {
    const queues = await Promise.all(Array.from({ length: QUEUES }, () => harness.queue({ workers: 1, batch_size: 2 })))
    return async () => {
      for (const queue of queues) await harness.jobs(queue, 2)
      return queues
    }
  },
  'the first workers of three queues': async (harness) => {
    const queues = await many(harness, 0)
    for (const queue of queues) await harness.job(queue)
    for (const queue of queues) await harness.age('heartbeat', queue)
    return async () => {
      for (const queue of queues) await harness.workers(queue, 1)
      return queues
    }
  },
  'that three queues go on': async (harness) => {
    const queues = await many(harness)
    await harness.db.query('update supaqueue.queue set paused = true where id = any ($1)', [queues])
    for (const queue of queues) await harness.job(queue)
    return async () => {
      await harness.db.query('update supaqueue.queue set paused = false where id = any ($1)', [queues])
      return queues
    }
  },
  'that the target of a queue answers again': async (harness) => {
    const queue = await asleep(harness)
    await harness.openCircuit(queue)
    await harness.job(queue)
    return async () => {
      await harness.db.query(
        `update supaqueue.circuit set open_until = null
         where target = (select supaqueue_internal.target_of(queue) from supaqueue.queue where id = $1)`,
        [queue],
      )
      return [queue]
    }
  },
  'that three jobs ended which others wait for': async (harness) => {
    const [before, after] = [await asleep(harness, QUEUES), await asleep(harness, QUEUES)]
    const sources = await harness.jobs(before, QUEUES)
    for (const source of sources) {
      await harness.transaction(async () => {
        const target = await harness.job(after)
        await harness.db.query(
          'insert into supaqueue.job_dependency (source, target, on_failure) values ($1, $2, $3)',
          [
            source,
            target,
            'run',
          ],
        )
      })
    }
    return async () => {
      await harness.db.query(`update supaqueue.job set status = 'cancelled' where id = any ($1)`, [sources])
      return [after]
    }
  },
}

/** The tables that are looked at, or written, until this is committed. */
async function lookedAt(harness: Harness, admin: pg.Client, scene: Scene): Promise<string[]> {
  const work = await scene(harness)
  await harness.begin()
  await work()
  await harness.db.query('set constraints all immediate')
  const { rows: [{ pid }] } = await harness.db.query('select pg_backend_pid() as pid')
  const { rows } = await admin.query<{ name: string }>(
    `select distinct nspname || '.' || relname as name
     from pg_locks join pg_class on pg_class.oid = relation join pg_namespace on pg_namespace.oid = relnamespace
     where pid = $1 and relkind = 'r' and nspname in ('supaqueue', 'net', 'vault') order by name`,
    [pid],
  )
  await harness.rollback()
  return rows.map(({ name }) => name)
}

// As alter table and vacuum full do, and create index.
const MODES = ['access exclusive', 'share']

const cases = MODES.flatMap((mode) => Object.entries(scenes).map(([name, scene]) => [mode, name, scene] as const))

describe('somebody locks a whole table before a transaction commits', () => {
  test.concurrent.for(cases)(
    'in %s mode; %s: it does not wait for him',
    async ([mode, , scene], { ownDatabase, expect }) => {
      const harness = harnessOf(await ownDatabase.connect())
      const admin = await ownDatabase.connect('admin')
      const tables = await lookedAt(harness, admin, scene)
      const locked: string[] = []

      for (const name of tables) {
        const work = await scene(harness)
        await harness.begin()
        const queues = await work()
        await admin.query('begin')
        // What the transaction has written itself nobody can lock now.
        const free = await admin.query(`lock table ${name} in ${mode} mode nowait`).then(() => true, () => false)
        if (free) locked.push(name)

        const warnings = await harness.warnings(() => harness.commit())
        await admin.query('rollback')

        // Once, not once for each queue.
        expect(warnings.filter(({ message }) => /lock timeout|somebody locks/.test(message!)).length, name)
          .toBeLessThan(2)
        for (const queue of queues) await harness.age('heartbeat', queue)
        await harness.sweep()
        for (const queue of queues) {
          expect((await harness.take(crypto.randomUUID(), queue)).length, name).toBeGreaterThan(0)
        }
      }

      expect(locked).toEqual(expect.arrayContaining(['supaqueue.heartbeat', 'net.http_request_queue']))
    },
  )
})

test.for(MODES)(
  'in %s mode: with many jobs that others wait for, it waits for one of them',
  async (mode, { ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const admin = await ownDatabase.connect('admin')
    const end = await scenes['that three jobs ended which others wait for']!(harness)
    await harness.begin()
    await end()
    await admin.query(`begin; lock table supaqueue.job_dependency in ${mode} mode`)

    await harness.commit()
    await admin.query('rollback')

    // The others are set aside without a try.
    const { rows } = await admin.query('select code from supaqueue.trouble order by since')
    expect(rows.map(({ code }) => code)).toEqual(['55P03', 'SQ423', 'SQ423'])
  },
)

test('a sweep ends that finds a whole table locked, with what it could not do at once', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const admin = await ownDatabase.connect('admin')

  for (const name of ['job', 'worker', 'current_job', 'heartbeat', 'queue', 'trouble']) {
    const queues = await many(harness)
    for (const queue of queues) {
      await harness.job(queue)
      await harness.take(crypto.randomUUID(), queue)
      for (const table of ['current_job', 'heartbeat'] as const) await harness.age(table, queue)
    }
    await admin.query('begin')
    await admin.query(`lock table supaqueue.${name} in access exclusive mode`)

    await harness.sweep()
    await admin.query('rollback')

    for (const table of ['chore', 'trouble']) {
      await admin.query(`update supaqueue.${table} set next_try_at = '-infinity'`)
    }
    await harness.sweep()
    for (const queue of queues) expect((await harness.take(crypto.randomUUID(), queue)).length, name).toBe(1)
  }
})

test('whatever of ours fires at commit has a bound for locks, itself or where it looks', async ({ harness }) => {
  const { rows } = await harness.db.query(
    `with bounded as (
       select proname from pg_proc
       where pronamespace = 'supaqueue_internal'::regnamespace and array_to_string(proconfig, ' ') ~ 'lock_timeout'
     )
     select distinct proname from pg_trigger join pg_proc on pg_proc.oid = tgfoid
     where tginitdeferred and pronamespace = 'supaqueue_internal'::regnamespace
       and proname not in (select bounded.proname from bounded)
       and not exists (select from bounded where prosrc ~ format('supaqueue_internal\\.%s\\(', bounded.proname))`,
  )

  // It waits for whoever ends another job of the same batch, in the transaction of a user who deleted one by hand.
  expect(rows).toEqual([{ proname: 'on_call_left' }])
})
