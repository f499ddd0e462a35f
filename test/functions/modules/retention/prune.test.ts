import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

/** A job that finished so long ago. */
async function finished(house: House, queue: string, status: string, ago: string): Promise<number> {
  const job = await house.job(queue, { status })
  await house.db.query('update supaqueue.job set finished_at = now() - $2::interval where id = $1', [job, ago])
  return job
}

const prune = async (house: House, most = 1000): Promise<number> =>
  (await house.db.query('select supaqueue.prune($1) as pruned', [most])).rows[0].pruned

const left = async (house: House, queue: string): Promise<number[]> =>
  (await house.db.query('select id from supaqueue.job where queue = $1 order by id', [queue])).rows.map(({ id }) => id)

const keep = (house: House, queue: string, success: string, failed: string) =>
  house.db.query('update supaqueue.queue set keep_success = $2, keep_failed = $3 where id = $1', [
    queue,
    success,
    failed,
  ])

test.beforeEach(async ({ house }) => {
  await house.db.query('delete from supaqueue.queue')
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
  )('by default a job in %s after %s: %s', async ([status, ago, gone], { house }) => {
    const queue = await house.queue()
    const job = await finished(house, queue, status, ago)

    expect(await prune(house)).toBe(gone ? 1 : 0)

    expect(await left(house, queue)).toEqual(gone ? [] : [job])
  })

  test('what each queue keeps no longer, per status', async ({ house }) => {
    const [one, other] = [await house.queue(), await house.queue()]
    await keep(house, one, '1 hour', '2 hours')
    await keep(house, other, '3 hours', '1 minute')
    const jobs: number[] = []
    for (const queue of [one, other]) {
      for (const status of ['success', 'failed']) jobs.push(await finished(house, queue, status, '90 minutes'))
    }

    expect(await prune(house)).toBe(2)

    expect(await left(house, one)).toEqual([jobs[1]])
    expect(await left(house, other)).toEqual([jobs[2]])
  })

  test.for(['1 day', '1 week', '1 month'])('by the %s, whichever the queue says', async (kept, { house }) => {
    const queue = await house.queue()
    await keep(house, queue, kept, kept)
    for (const status of ['success', 'failed', 'cancelled']) {
      await finished(house, queue, status, `${kept} 1 minute`)
      await finished(house, queue, status, kept.replace(/^1/, '0.9'))
    }

    expect(await prune(house)).toBe(3)

    expect(await left(house, queue)).toHaveLength(3)
  })

  test.for(['held', 'pending'])('no job that is %s, however old', async (status, { house }) => {
    const queue = await house.queue()
    const job = await finished(house, queue, status, '9 years')

    await prune(house)

    expect(await left(house, queue)).toEqual([job])
  })

  test('no job that is in progress, however old', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    await house.db.query(`update supaqueue.job set created_at = now() - interval '9 years' where id = $1`, [job])

    await prune(house)

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('at most as many as asked for, and the oldest of a queue first', async ({ house }) => {
    const queue = await house.queue()
    const young = await finished(house, queue, 'success', '8 days')
    const [oldest, old] = [
      await finished(house, queue, 'success', '11 days'),
      await finished(house, queue, 'success', '10 days'),
    ]

    expect(await prune(house, 1)).toBe(1)
    expect(await left(house, queue)).toEqual([young, old])
    expect(oldest).toBeLessThan(old)
    expect(await prune(house, 2)).toBe(2)
  })

  test('the attempts with their job', async ({ house }) => {
    const queue = await house.queue({ workers: 1, max_attempts: 1 })
    const job = await house.job(queue)
    const [taken] = await house.take(run, queue)
    await house.report(run, queue, [taken!.current_job.id], 'failed')
    await house.db.query(`update supaqueue.job set finished_at = now() - interval '31 days' where id = $1`, [job])
    expect(await house.attempts(job)).toHaveLength(1)

    await prune(house)

    expect(await house.attempts(job)).toEqual([])
  })
})

describe('a batch', () => {
  const batchOf = async (house: House, queue: string, jobs: number[]): Promise<string> => {
    const { rows } = await house.db.query('insert into supaqueue.batch (queue) values ($1) returning id', [queue])
    for (const job of jobs) await house.update('job', job, { batch: rows[0].id })
    return rows[0].id
  }
  const batches = async (house: House) =>
    (await house.db.query('select id from supaqueue.batch')).rows.map(({ id }) => id)

  test('goes with the last of its jobs, and no sooner', async ({ house }) => {
    const queue = await house.queue()
    const [one, other] = [
      await finished(house, queue, 'success', '9 days'),
      await finished(house, queue, 'success', '1 day'),
    ]
    const batch = await batchOf(house, queue, [one, other])
    const untouched = await batchOf(house, queue, [])

    await prune(house)
    expect((await batches(house)).sort()).toEqual([batch, untouched].sort())
    await house.db.query(`update supaqueue.job set finished_at = now() - interval '9 days' where id = $1`, [other])
    await prune(house)

    expect(await batches(house)).toEqual([untouched])
  })

  test('stays when a job is just being added to it, and nobody waits', async ({ house, another }) => {
    const queue = await house.queue()
    const batch = await batchOf(house, queue, [await finished(house, queue, 'success', '9 days')])
    const other = await another()
    await other.impatient()
    await house.begin()
    const job = await house.job(queue, { status: 'held' })
    await house.update('job', job, { batch })

    expect(await prune(other)).toBe(1)
    await house.commit()

    expect((await house.jobRow(job)).batch).toBe(batch)
  })
})

describe('prune leaves for the next time', () => {
  test('what somebody holds, and waits for nobody', async ({ house, another }) => {
    const queue = await house.queue()
    const [held, free] = [
      await finished(house, queue, 'success', '9 days'),
      await finished(house, queue, 'success', '8 days'),
    ]
    const other = await another()
    await other.impatient()
    await house.begin()
    await house.hold('job', held)

    expect(await prune(other)).toBe(1)
    await house.rollback()

    expect(await left(house, queue)).toEqual([held])
    expect(free).not.toBe(held)
    expect(await prune(house)).toBe(1)
  })

  test.for([['pending', 1], ['held', 1], ['success', 0], ['cancelled', 0]] as const)(
    'the source of a job that is %s: %i',
    async ([status, kept], { house }) => {
      const queue = await house.queue()
      const [source, target] = [
        await finished(house, queue, 'success', '9 days'),
        await house.job(queue, { status: 'held' }),
      ]
      await house.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $2)', [source, target])
      await house.update('job', target, { status })

      await prune(house)

      expect(await left(house, queue)).toEqual(kept ? [source, target] : [target])
    },
  )

  test('the target of a job that has not ended yet', async ({ house }) => {
    const queue = await house.queue()
    const [source, target] = [await house.job(queue, { status: 'held' }), await house.job(queue, { status: 'held' })]
    await house.db.query('insert into supaqueue.job_dependency (source, target) values ($1, $2)', [source, target])
    await house.update('job', target, { status: 'cancelled' })
    await house.db.query(`update supaqueue.job set finished_at = now() - interval '9 days' where id = $1`, [target])

    expect(await prune(house)).toBe(0)
  })

  test('a copy of a failed job that is still there, and takes it once that is gone', async ({ house }) => {
    const queue = await house.queue()
    const failed = await finished(house, queue, 'failed', '9 days')
    const copy = await finished(house, queue, 'success', '8 days')
    await house.update('job', copy, { retry_of: failed })

    expect(await prune(house)).toBe(0)
    await house.delete('job', failed)

    expect(await prune(house)).toBe(1)
  })

  test('everything, when the transaction would show it the past', async ({ house }) => {
    const queue = await house.queue()
    await finished(house, queue, 'success', '9 days')

    expect(await refusal(house.transaction(() => prune(house), 'repeatable read'))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('transaction of its own'),
    })
  })
})

test('what prune reads does not grow with the jobs that stay', async ({ house, another }) => {
  const queue = await house.queue()
  const read = () => house.pagesRead('select supaqueue.prune()')
  const owner = await another('owner')
  await house.jobs(queue, 10)
  await prune(house)
  const before = await read()

  await house.db.query(
    `insert into supaqueue.job (queue, status)
     select $1, (array['success', 'failed', 'cancelled', 'held'])[1 + n % 4]::supaqueue.job_status from generate_series(1, 20000) as n`,
    [queue],
  )
  await owner.db.query('analyze supaqueue.job')
  await prune(house) // planned anew

  expect(await read()).toBeLessThan(before + 40)
})
