import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

type Settings = Partial<{ catch_up: string; overlap: boolean; enabled: boolean; payload: unknown; cron: string }>

/** A schedule that comes at each full hour, and last came before `next`. */
async function schedule(harness: Harness, queue: string, next: string, settings: Settings = {}): Promise<string> {
  const columns: Record<string, unknown> = { name: randomUUID(), queue, cron: '0 * * * *', next_at: next, ...settings }
  const names = Object.keys(columns)
  const { rows } = await harness.db.query(
    `insert into supaqueue.schedule (${names}) values (${names.map((_, i) => `$${i + 1}`)}) returning id`,
    Object.values(columns),
  )
  return rows[0].id
}

const keep = async (harness: Harness, at: string) =>
  (await harness.db.query('select supaqueue_internal.keep_schedules($1) as kept', [at])).rows[0].kept

const row = async (harness: Harness, id: string) =>
  (await harness.db.query('select * from supaqueue.schedule where id = $1', [id])).rows[0]

/** For which times the queue got jobs, as hours and minutes. */
const keptTimes = async (harness: Harness, queue: string): Promise<string[]> =>
  (await harness.db.query(
    `select to_char(run_at at time zone 'UTC', 'DD HH24:MI') as time from supaqueue.job where queue = $1 order by id`,
    [queue],
  )).rows.map(({ time }) => time)

const finish = (harness: Harness, queue: string) =>
  harness.db.query(`update supaqueue.job set status = 'success' where queue = $1`, [queue])

// One sweep keeps the schedules of all queues.
test.beforeEach(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.schedule')
})

describe('a schedule that is due', () => {
  test('gets one job with its payload, due at its time, and comes again', async ({ harness }) => {
    const queue = await harness.queue()
    const id = await schedule(harness, queue, '2026-03-01T10:00:00Z', { payload: { report: 'daily' } })

    expect(await keep(harness, '2026-03-01T10:00:09Z')).toBe(1)

    const { rows: [job] } = await harness.db.query('select * from supaqueue.job where queue = $1', [queue])
    expect(job).toMatchObject({
      payload: { report: 'daily' },
      status: 'pending',
      run_at: new Date('2026-03-01T10:00:00Z'),
    })
    expect(await row(harness, id)).toMatchObject({
      next_at: new Date('2026-03-01T11:00:00Z'),
      last_at: new Date('2026-03-01T10:00:00Z'),
      last_job: job.id,
    })
    expect(await keep(harness, '2026-03-01T10:00:19Z')).toBe(0)
  })

  test('wakes its queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await schedule(harness, queue, '2026-03-01T10:00:00Z')

    await keep(harness, '2026-03-01T10:00:00Z')

    expect(await harness.inProgress(queue)).toHaveLength(1)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test.for(['2026-03-01T09:59:59Z', 'disabled'])(
    'gets none before its time, or while it is disabled: %s',
    async (when, { harness }) => {
      const queue = await harness.queue()
      await schedule(harness, queue, '2026-03-01T10:00:00Z', { enabled: when !== 'disabled' })

      await keep(harness, when === 'disabled' ? '2026-03-01T10:00:00Z' : when)

      expect(await keptTimes(harness, queue)).toEqual([])
    },
  )

  test('waits for nobody who holds it, and is kept once by two sweeps side by side', async ({ harness, another }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z')
    const other = await another()
    await other.impatient()
    await harness.begin()
    await keep(harness, '2026-03-01T10:00:00Z')

    const besides = await keep(other, '2026-03-01T10:00:00Z')
    await harness.commit()

    expect(besides).toBe(0)
    expect(await keep(other, '2026-03-01T10:00:00Z')).toBe(0)
    expect(await keptTimes(harness, queue)).toEqual(['01 10:00'])
  })

  test('waits for nobody who is deleting its queue', async ({ harness, another }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z')
    const other = await another()
    await other.impatient()
    await harness.begin()
    await harness.hold('queue', queue)

    expect(await keep(other, '2026-03-01T10:00:00Z')).toBe(0)
    await harness.rollback()
  })

  test('is not kept by an older picture of the schedules', async ({ harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z')

    expect(await harness.transaction(() => keep(harness, '2026-03-01T10:00:00Z'), 'repeatable read')).toBe(0)
    expect(await keep(harness, '2026-03-01T10:00:00Z')).toBe(1)
  })

  test('keeps no other from coming when its job cannot be enqueued, and comes once it can', async ({ harness, another }) => {
    const owner = await another('owner')
    const [ill, well] = [await harness.queue({ name: 'ill' }), await harness.queue()]
    await owner.db.query(`alter table supaqueue.job add constraint no_sick_jobs check (payload <> '"sick"')`)
    const id = await schedule(harness, ill, '2026-03-01T10:00:00Z', { payload: '"sick"' })
    await schedule(harness, well, '2026-03-01T10:00:00Z')

    const warnings = await harness.warnings(() => keep(harness, '2026-03-01T10:00:00Z'))

    expect(warnings).toMatchObject([{
      code: 'SQ503',
      message: expect.stringContaining('no_sick_jobs'),
      hint: expect.stringContaining('next sweep'),
    }])
    expect(await keptTimes(harness, well)).toEqual(['01 10:00'])
    expect(await row(harness, id)).toMatchObject({ next_at: new Date('2026-03-01T10:00:00Z'), last_job: null })
    await owner.db.query('alter table supaqueue.job drop constraint no_sick_jobs')
    expect(await keep(harness, '2026-03-01T10:00:10Z')).toBe(1)
  })
})

describe('of the times that nobody kept', () => {
  const after = '2026-03-01T13:20:00Z'

  test.for(
    [
      ['none', false, []],
      ['one', false, ['01 13:00']],
      ['one', true, ['01 13:00']],
      ['all', true, ['01 10:00', '01 11:00', '01 12:00', '01 13:00']],
    ] as const,
  )('catch_up %s with overlap %s makes up for %j', async ([catchUp, overlap, times], { harness }) => {
    const queue = await harness.queue()
    const id = await schedule(harness, queue, '2026-03-01T10:00:00Z', { catch_up: catchUp, overlap })

    expect(await keep(harness, after)).toBe(times.length)

    expect(await keptTimes(harness, queue)).toEqual(times)
    expect(await keep(harness, after)).toBe(0)
    expect((await row(harness, id)).next_at).toEqual(new Date('2026-03-01T14:00:00Z'))
  })

  test('catch_up none still keeps one that is not a minute old', async ({ harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z', { catch_up: 'none' })

    await keep(harness, '2026-03-01T12:00:59Z')

    expect(await keptTimes(harness, queue)).toEqual(['01 12:00'])
  })

  test('catch_up all makes up for 1000 at once, and for the rest at the next sweep', async ({ harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T00:00:00Z', { catch_up: 'all', overlap: true, cron: '* * * * *' })

    expect(await keep(harness, '2026-03-01T20:00:00Z')).toBe(1000)
    expect(await keep(harness, '2026-03-01T20:00:00Z')).toBe(201)

    const times = await keptTimes(harness, queue)
    expect(new Set(times).size).toBe(1201)
    expect(times.at(-1)).toBe('01 20:00')
  })
})

describe('without overlap a time that comes while the last job has not ended', () => {
  test.for(
    [
      ['none', []],
      ['one', ['01 12:00']],
      ['all', ['01 11:00']],
    ] as const,
  )('waits for that job, and then catch_up %s makes up for %j', async ([catchUp, times], { harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z', { catch_up: catchUp })
    await keep(harness, '2026-03-01T10:00:00Z')

    expect(await keep(harness, '2026-03-01T11:00:00Z')).toBe(0)
    expect(await keep(harness, '2026-03-01T12:30:00Z')).toBe(0)
    await finish(harness, queue)
    await keep(harness, '2026-03-01T12:30:10Z')

    expect(await keptTimes(harness, queue)).toEqual(['01 10:00', ...times])
  })

  test('is kept, even with catch_up none, when that job ends within a minute', async ({ harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z', { catch_up: 'none' })
    await keep(harness, '2026-03-01T10:00:00Z')

    expect(await keep(harness, '2026-03-01T11:00:10Z')).toBe(0)
    await finish(harness, queue)

    expect(await keep(harness, '2026-03-01T11:00:20Z')).toBe(1)
  })

  test('with catch_up all, every time is kept, one after the other', async ({ harness }) => {
    const queue = await harness.queue()
    await schedule(harness, queue, '2026-03-01T10:00:00Z', { catch_up: 'all' })

    for (let i = 0; i < 5; i++) {
      await keep(harness, '2026-03-01T12:30:00Z')
      await finish(harness, queue)
    }

    expect(await keptTimes(harness, queue)).toEqual(['01 10:00', '01 11:00', '01 12:00'])
  })

  test('is kept when that job was deleted', async ({ harness }) => {
    const queue = await harness.queue()
    const id = await schedule(harness, queue, '2026-03-01T10:00:00Z')
    await keep(harness, '2026-03-01T10:00:00Z')
    await harness.delete('job', (await row(harness, id)).last_job)

    expect(await keep(harness, '2026-03-01T11:00:00Z')).toBe(1)
  })
})

test('with overlap a job is enqueued while the last one has not ended', async ({ harness }) => {
  const queue = await harness.queue()
  await schedule(harness, queue, '2026-03-01T10:00:00Z', { overlap: true })
  await keep(harness, '2026-03-01T10:00:00Z')

  await keep(harness, '2026-03-01T11:00:00Z')

  expect(await keptTimes(harness, queue)).toEqual(['01 10:00', '01 11:00'])
})
