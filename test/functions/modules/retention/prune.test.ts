import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

/** A job that finished so long ago. */
async function finished(harness: Harness, queue: string, status: string, ago: string): Promise<number> {
  const job = await harness.job(queue, { status })
  await harness.db.query('update supaqueue.job set finished_at = now() - $2::interval where id = $1', [job, ago])
  return job
}

const prune = async (harness: Harness, most = 1000): Promise<number> =>
  (await harness.db.query('select supaqueue.prune($1) as pruned', [most])).rows[0].pruned

const left = async (harness: Harness, queue: string): Promise<number[]> =>
  (await harness.db.query('select id from supaqueue.job where queue = $1 order by id', [queue])).rows.map(({ id }) =>
    id
  )

const keep = (harness: Harness, queue: string, success: string, failed: string) =>
  harness.db.query('update supaqueue.queue set keep_success = $2, keep_failed = $3 where id = $1', [
    queue,
    success,
    failed,
  ])

test.beforeEach(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

describe('prune deletes', () => {
  test.for(
    [
      ['success', '7 days 1 minute', true],
      ['success', '6 days 23 hours', false],
      ['cancelled', '7 days 1 minute', true],
      ['cancelled', '6 days 23 hours', false],
      ['failed', '30 days 1 minute', true],
      ['failed', '29 days 23 hours', false],
    ] as const,
  )('by default a job in %s after %s: %s', async ([status, ago, gone], { harness }) => {
    const queue = await harness.queue()
    const job = await finished(harness, queue, status, ago)

    expect(await prune(harness)).toBe(gone ? 1 : 0)

    expect(await left(harness, queue)).toEqual(gone ? [] : [job])
  })

  test('what each queue keeps no longer, per status', async ({ harness }) => {
    const [one, other] = [await harness.queue(), await harness.queue()]
    await keep(harness, one, '1 hour', '2 hours')
    await keep(harness, other, '3 hours', '1 minute')
    const jobs: number[] = []
    for (const queue of [one, other]) {
      for (const status of ['success', 'failed']) jobs.push(await finished(harness, queue, status, '90 minutes'))
    }

    expect(await prune(harness)).toBe(2)

    expect(await left(harness, one)).toEqual([jobs[1]])
    expect(await left(harness, other)).toEqual([jobs[2]])
  })

  test.for(['1 day', '1 week', '1 month'])('by the %s, whichever the queue says', async (kept, { harness }) => {
    const queue = await harness.queue()
    await keep(harness, queue, kept, kept)
    for (const status of ['success', 'failed', 'cancelled']) {
      await finished(harness, queue, status, `${kept} 1 minute`)
      await finished(harness, queue, status, kept.replace(/^1/, '0.9'))
    }

    expect(await prune(harness)).toBe(3)

    expect(await left(harness, queue)).toHaveLength(3)
  })

  test.for(['held', 'pending'])('no job that is %s, however old', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await finished(harness, queue, status, '9 years')

    await prune(harness)

    expect(await left(harness, queue)).toEqual([job])
  })

  test('no job that is in progress, however old', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    await harness.db.query(`update supaqueue.job set created_at = now() - interval '9 years' where id = $1`, [job])

    await prune(harness)

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('at most as many as asked for, and the oldest of a queue first', async ({ harness }) => {
    const queue = await harness.queue()
    const young = await finished(harness, queue, 'success', '8 days')
    const [oldest, old] = [
      await finished(harness, queue, 'success', '11 days'),
      await finished(harness, queue, 'success', '10 days'),
    ]

    expect(await prune(harness, 1)).toBe(1)
    expect(await left(harness, queue)).toEqual([young, old])
    expect(oldest).toBeLessThan(old)
    expect(await prune(harness, 2)).toBe(2)
  })

  test('the attempts with their job', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, max_attempts: 1 })
    const job = await harness.job(queue)
    const [taken] = await harness.take(run, queue)
    await harness.report(run, queue, [taken!.current_job.id], 'failed')
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '31 days' where id = $1`, [job])
    expect(await harness.attempts(job)).toHaveLength(1)

    await prune(harness)

    expect(await harness.attempts(job)).toEqual([])
  })
})

describe('a batch', () => {
  const batchOf = async (harness: Harness, queue: string, jobs: number[]): Promise<string> => {
    const { rows } = await harness.db.query('insert into supaqueue.batch (queue) values ($1) returning id', [queue])
    for (const job of jobs) await harness.update('job', job, { batch: rows[0].id })
    return rows[0].id
  }
  const batches = async (harness: Harness) =>
    (await harness.db.query('select id from supaqueue.batch')).rows.map(({ id }) => id)

  test('goes with the last of its jobs, and no sooner', async ({ harness }) => {
    const queue = await harness.queue()
    const [one, other] = [
      await finished(harness, queue, 'success', '9 days'),
      await finished(harness, queue, 'success', '1 day'),
    ]
    const batch = await batchOf(harness, queue, [one, other])
    const untouched = await batchOf(harness, queue, [])

    await prune(harness)
    expect((await batches(harness)).sort()).toEqual([batch, untouched].sort())
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '9 days' where id = $1`, [other])
    await prune(harness)

    expect(await batches(harness)).toEqual([untouched])
  })

  test('stays when a job is just being added to it, and nobody waits', async ({ harness, another }) => {
    const queue = await harness.queue()
    const batch = await batchOf(harness, queue, [await finished(harness, queue, 'success', '9 days')])
    const other = await another()
    await other.impatient()
    await harness.begin()
    const job = await harness.job(queue, { status: 'held' })
    await harness.update('job', job, { batch })

    expect(await prune(other)).toBe(1)
    await harness.commit()

    expect((await harness.jobRow(job)).batch).toBe(batch)
  })
})

describe('prune leaves for the next time', () => {
  test('what somebody holds, and waits for nobody', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [held, free] = [
      await finished(harness, queue, 'success', '9 days'),
      await finished(harness, queue, 'success', '8 days'),
    ]
    const other = await another()
    await other.impatient()
    await harness.begin()
    await harness.hold('job', held)

    expect(await prune(other)).toBe(1)
    await harness.rollback()

    expect(await left(harness, queue)).toEqual([held])
    expect(free).not.toBe(held)
    expect(await prune(harness)).toBe(1)
  })

  test.for([['pending', 1], ['held', 1], ['success', 0], ['cancelled', 0]] as const)(
    'the source of a job that is %s: %i',
    async ([status, kept], { harness }) => {
      const queue = await harness.queue()
      const [source, target] = [
        await finished(harness, queue, 'success', '9 days'),
        await harness.job(queue, { status: 'held' }),
      ]
      await harness.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $2)', [source, target])
      await harness.update('job', target, { status })

      await prune(harness)

      expect(await left(harness, queue)).toEqual(kept ? [source, target] : [target])
    },
  )

  test('the target of a job that has not ended yet', async ({ harness }) => {
    const queue = await harness.queue()
    const [source, target] = [
      await harness.job(queue, { status: 'held' }),
      await harness.job(queue, { status: 'held' }),
    ]
    await harness.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $2)', [source, target])
    await harness.update('job', target, { status: 'cancelled' })
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '9 days' where id = $1`, [target])

    expect(await prune(harness)).toBe(0)
  })

  test('a copy of a failed job that is still there, and takes it once that is gone', async ({ harness }) => {
    const queue = await harness.queue()
    const failed = await finished(harness, queue, 'failed', '9 days')
    const copy = await finished(harness, queue, 'success', '8 days')
    await harness.update('job', copy, { retry_of: failed })

    expect(await prune(harness)).toBe(0)
    await harness.delete('job', failed)

    expect(await prune(harness)).toBe(1)
  })

  test('everything, when the transaction would show it the past', async ({ harness }) => {
    const queue = await harness.queue()
    await finished(harness, queue, 'success', '9 days')

    expect(await refusal(harness.transaction(() => prune(harness), 'repeatable read'))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('transaction of its own'),
    })
  })
})

test('what prune reads does not grow with the jobs that stay', async ({ harness, another }) => {
  const queue = await harness.queue()
  const read = () => harness.pagesRead('select supaqueue.prune()')
  const owner = await another('owner')
  await harness.jobs(queue, 10)
  await prune(harness)
  const before = await read()

  await harness.db.query(
    `insert into supaqueue.job (queue, status)
     select $1, (array['success', 'failed', 'cancelled', 'held'])[1 + n % 4]::supaqueue.job_status from generate_series(1, 20000) as n`,
    [queue],
  )
  await owner.db.query('analyze supaqueue.job')
  await prune(harness) // planned anew

  expect(await read()).toBeLessThan(before + 40)
})
