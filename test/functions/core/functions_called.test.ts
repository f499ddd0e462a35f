import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { moduleFiles, moduleOf } from '../../../scripts/cli/database/files.ts'
import { type Harness, test as base } from '../../support/harness.ts'

/**
 * How much what happens with every job may call, with all modules: each function that a path calls is compiled once by each
 * connection, and started each time. A number that grows is paid by every job of everybody: see whether the new call can stand
 * in the condition of a trigger, or behind one that is asked first.
 */

const run = randomUUID()

type Counting = { harness: Harness; calledBy(work: () => Promise<unknown>): Promise<string[]> }

const test = base.extend<Counting>({
  // Only a superuser may have functions counted.
  harness: async ({ another }, use) => await use(await another('admin')),

  /** The functions of supaqueue that this calls up to its commit, each as often as it does. Nothing of it is kept. */
  calledBy: async ({ harness }, use) => {
    await harness.db.query(`set track_functions = 'all'`)
    const counted = async (): Promise<Map<string, number>> => {
      const { rows } = await harness.db.query(
        `select funcname as name, sum(calls)::integer as calls from pg_stat_xact_user_functions
         where schemaname in ('supaqueue', 'supaqueue_internal') or funcname = 'supaqueue_turn'
         group by funcname`,
      )
      return new Map(rows.map(({ name, calls }) => [name, calls]))
    }
    await use(async (work) => {
      await harness.begin()
      const before = await counted()
      await work()
      await harness.db.query('set constraints all immediate')
      const after = await counted()
      await harness.rollback()
      return [...after].flatMap(([name, calls]) => Array<string>(calls - (before.get(name) ?? 0)).fill(name))
    })
  },
})

const expectFew = (called: string[], most: number) => {
  expect(called, 'nothing is counted').not.toEqual([])
  expect(called.length, `it calls ${called.sort().join(', ')}`).toBeLessThanOrEqual(most)
}

/** A queue whose run looked a moment ago, however long the test takes. */
async function awake(harness: Harness, workers: number) {
  const queue = await harness.queue({ workers })
  await harness.turn(run, queue)
  await harness.db.query(
    `update supaqueue.heartbeat set awake_until = now() + interval '50 seconds', woken_at = now() + interval '50 seconds'
     where queue = $1`,
    [queue],
  )
  return queue
}

/** A queue with a run, jobs that wait, and one that the run has begun. */
async function busy(harness: Harness) {
  const queue = await awake(harness, 2)
  await harness.jobs(queue, 3)
  const [begun] = await harness.take(run, queue, 1)
  return { queue, token: begun!.current_job.id }
}

describe('functions that are called by', () => {
  test('an insert into a queue that is awake', async ({ harness, calledBy }) => {
    const queue = await awake(harness, 1)

    expectFew(await calledBy(() => harness.job(queue)), 3)
  })

  test('an insert of a thousand jobs into a queue that is awake, beside what each of them calls', async ({ harness, calledBy }) => {
    const queue = await awake(harness, 1)

    const called = await calledBy(() => harness.jobs(queue, 1000))

    expectFew(called.filter((name) => name !== 'check_inserted_job'), 2)
  })

  test('an insert into a queue that sleeps', async ({ harness, calledBy }) => {
    const queue = await harness.queue({ workers: 1 })

    expectFew(await calledBy(() => harness.job(queue)), 9)
  })

  test('an insert into a queue that is pulled from: nobody looks for what nobody would call', async ({ harness, calledBy }) => {
    const queue = await harness.queue({ workers: 1, mode: 'pull' })

    expectFew(await calledBy(() => harness.job(queue)), 3)
  })

  test('an insert of a job that says where it comes from', async ({ harness, calledBy }) => {
    const queue = await awake(harness, 1)

    expectFew(await calledBy(() => harness.job(queue, { origin: { from: 'elsewhere' } })), 3)
  })

  test('a turn that takes many short jobs: nobody weighs them one by one', async ({ harness, calledBy }) => {
    const queue = await harness.queue({ workers: 30, batch_size: 20 })
    await harness.turn(run, queue)
    await harness.db.query(
      `insert into supaqueue.job (queue, payload)
       select $1, jsonb_build_object('text', repeat('x', 100)) from generate_series(1, 600)`,
      [queue],
    )

    const called = await calledBy(() => harness.take(run, queue, 30))

    expect(called).toContain('claim_batches')
    expect(called).not.toContain('keep_what_fits')
    expectFew(called, 10)
  })

  test.for([['success', 7], ['failed', 8]] as const)(
    'a turn that reports: %s',
    async ([outcome, most], { harness, calledBy }) => {
      const { queue, token } = await busy(harness)

      expectFew(await calledBy(() => harness.report(run, queue, [token], outcome)), most)
    },
  )

  test.for([['success', 9], ['failed', 10]] as const)(
    'a turn that reports %s and takes the next job',
    async ([outcome, most], { harness, calledBy }) => {
      const { queue, token } = await busy(harness)

      expectFew(await calledBy(() => harness.turn(run, queue, { reports: [{ token, outcome }], room: 1 })), most)
    },
  )

  test('the walk of a job without steps, from its insert to its end: none of the module steps', async ({ harness, calledBy }) => {
    const steps = new Set(moduleFiles().filter((file) => moduleOf(file) === 'steps').map(({ name }) => name))
    const { queue, token } = await busy(harness)

    const called = await calledBy(async () => {
      await harness.job(queue)
      const [next] = await harness.turn(run, queue, { reports: [{ token, outcome: 'failed' }], room: 1 })
        .then(({ jobs }) => jobs)
      await harness.report(run, queue, [next!.current_job.id], 'success')
      await harness.turn(run, queue, { room: 5 })
    })

    expect(called).toContain('supaqueue_turn')
    expect(steps.size).toBeGreaterThan(10)
    expect(called.filter((name) => steps.has(name))).toEqual([])
  })

  test('a turn that finds nothing', async ({ harness, calledBy }) => {
    const queue = await awake(harness, 1)

    expectFew(await calledBy(() => harness.turn(run, queue, { room: 5 })), 5)
  })
})
