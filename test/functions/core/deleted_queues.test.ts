import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../support/ask.ts'
import { type Harness, test } from '../../support/harness.ts'

// Whoever deletes a queue holds its row while they wait for those of its jobs, its workers and its heartbeat. A transaction
// that writes such a row twice asks for the row of the queue as well: so PostgreSQL checks a foreign key. If it waited there, each
// would wait for the other.

const run = randomUUID()

type Scene = (harness: Harness) => Promise<{ queue: string; work: () => Promise<unknown> }>

/** What is under way while the queue is deleted. Each writes some row twice, unless it is kept from it. */
const scenes: Record<string, Scene> = {
  async 'a run that takes the lead and falls asleep'(harness) {
    const queue = await harness.queue({ workers: 1 })
    return { queue, work: () => harness.turn(run, queue, { sleepy: true }) }
  },

  async 'a run that takes the lead and listens'(harness) {
    const queue = await harness.queue({ workers: 1 })
    return { queue, work: () => harness.turn(run, queue, { room: 1, listen: true }) }
  },

  async 'a run that takes the lead and asks for further ones'(harness) {
    const queue = await harness.queue({ workers: 2 })
    // Due, and nobody has claimed them yet.
    for (let job = 0; job < 2; job++) await harness.plannedJob(queue, '0 seconds')
    return { queue, work: () => harness.turn(run, queue, { room: 1 }) }
  },

  async 'a run that ends before a planned job'(harness) {
    const queue = await harness.queue({ workers: 1 })
    await harness.plannedJob(queue, '10 seconds')
    await harness.turn(run, queue, { sleepy: true, room: 1, back_in_ms: 30_000 })
    return { queue, work: () => harness.turn(run, queue, { stop: true }) }
  },

  async 'a run whose job goes on at once'(harness) {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const [begun] = await harness.take(run, queue)
    const reports = [{ token: begun!.current_job.id, outcome: 'continued' as const, state: 1 }]
    return { queue, work: () => harness.turn(run, queue, { room: 1, reports }) }
  },

  async 'a run whose batch goes on at once'(harness) {
    const queue = await harness.queue({ workers: 1, batch_size: 2 })
    await harness.jobs(queue, 2)
    const begun = await harness.take(run, queue)
    const reports = begun.map(({ current_job }) => ({ token: current_job.id, outcome: 'continued' as const, state: 1 }))
    return { queue, work: () => harness.turn(run, queue, { room: 1, reports }) }
  },

  async 'a run that frees the key of a job and begins it'(harness) {
    const queue = await harness.queue({ workers: 1, dedupe_until: 'begun' })
    const job = await harness.plannedJob(queue, '0 seconds')
    await harness.update('job', job, { dedupe_key: 'k' })
    return { queue, work: () => harness.take(run, queue) }
  },

  async 'who begins a job of a paused queue and frees its key'(harness) {
    const queue = await harness.queue({ workers: 1, paused: true, dedupe_until: 'begun' })
    const job = await harness.job(queue)
    await harness.update('job', job, { dedupe_key: 'k' })
    return { queue, work: () => ask(harness, 'run_now', { job }) }
  },

  async 'who ends a call by SQL where nobody is awake'(harness) {
    const queue = await harness.queue({ workers: 1 })
    await harness.jobs(queue, 2)
    const [begun] = await harness.take(run, queue)
    await harness.db.query('update supaqueue.heartbeat set run = null, awake_until = null where queue = $1', [queue])
    return { queue, work: () => harness.endCurrentJob(begun!.current_job.id, true) }
  },
}

describe('while a queue is being deleted,', () => {
  test.for(Object.entries(scenes))('%s waits for nobody', async ([, scene], { harness, another }) => {
    const user = await another()
    const { queue, work } = await scene(harness)
    await harness.impatient()
    await user.begin()
    await user.hold('queue', queue)

    const warnings = await harness.warnings(work)
    const { rows: troubles } = await harness.db.query(
      'select kind, code, reason from supaqueue.trouble where queue = $1',
      [queue],
    )
    await user.delete('queue', queue)
    await user.commit()

    expect({ warnings, troubles }).toEqual({ warnings: [], troubles: [] })
  })
})
