import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

type Settings = Partial<{ catch_up: string; overlap: boolean; enabled: boolean; payload: unknown; cron: string }>

/** A schedule that comes at each full hour, and last came before `next`. */
async function schedule(house: House, queue: string, next: string, settings: Settings = {}): Promise<string> {
  const columns: Record<string, unknown> = { name: randomUUID(), queue, cron: '0 * * * *', next_at: next, ...settings }
  const names = Object.keys(columns)
  const { rows } = await house.db.query(
    `insert into supaqueue.schedule (${names}) values (${names.map((_, i) => `$${i + 1}`)}) returning id`,
    Object.values(columns),
  )
  return rows[0].id
}

const keep = async (house: House, at: string) =>
  (await house.db.query('select supaqueue_internal.keep_schedules($1) as kept', [at])).rows[0].kept

const row = async (house: House, id: string) =>
  (await house.db.query('select * from supaqueue.schedule where id = $1', [id])).rows[0]

/** For which times the queue got jobs, as hours and minutes. */
const keptTimes = async (house: House, queue: string): Promise<string[]> =>
  (await house.db.query(
    `select to_char(run_at at time zone 'UTC', 'DD HH24:MI') as time from supaqueue.job where queue = $1 order by id`,
    [queue],
  )).rows.map(({ time }) => time)

const finish = (house: House, queue: string) =>
  house.db.query(`update supaqueue.job set status = 'success' where queue = $1`, [queue])

// One sweep keeps the schedules of all queues.
test.beforeEach(async ({ house }) => {
  await house.db.query('delete from supaqueue.schedule')
})

describe('a schedule that is due', () => {
  test('gets one job with its payload, due at its time, and comes again', async ({ house }) => {
    const queue = await house.queue()
    const id = await schedule(house, queue, '2026-03-01T10:00:00Z', { payload: { report: 'daily' } })

    expect(await keep(house, '2026-03-01T10:00:09Z')).toBe(1)

    const { rows: [job] } = await house.db.query('select * from supaqueue.job where queue = $1', [queue])
    expect(job).toMatchObject({
      payload: { report: 'daily' },
      status: 'pending',
      run_at: new Date('2026-03-01T10:00:00Z'),
    })
    expect(await row(house, id)).toMatchObject({
      next_at: new Date('2026-03-01T11:00:00Z'),
      last_at: new Date('2026-03-01T10:00:00Z'),
      last_job: job.id,
    })
    expect(await keep(house, '2026-03-01T10:00:19Z')).toBe(0)
  })

  test('wakes its queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await schedule(house, queue, '2026-03-01T10:00:00Z')

    await keep(house, '2026-03-01T10:00:00Z')

    expect(await house.inProgress(queue)).toHaveLength(1)
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test.for(['2026-03-01T09:59:59Z', 'disabled'])(
    'gets none before its time, or while it is disabled: %s',
    async (when, { house }) => {
      const queue = await house.queue()
      await schedule(house, queue, '2026-03-01T10:00:00Z', { enabled: when !== 'disabled' })

      await keep(house, when === 'disabled' ? '2026-03-01T10:00:00Z' : when)

      expect(await keptTimes(house, queue)).toEqual([])
    },
  )

  test('waits for nobody who holds it, and is kept once by two sweeps side by side', async ({ house, another }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z')
    const other = await another()
    await other.impatient()
    await house.begin()
    await keep(house, '2026-03-01T10:00:00Z')

    const besides = await keep(other, '2026-03-01T10:00:00Z')
    await house.commit()

    expect(besides).toBe(0)
    expect(await keep(other, '2026-03-01T10:00:00Z')).toBe(0)
    expect(await keptTimes(house, queue)).toEqual(['01 10:00'])
  })

  test('waits for nobody who is deleting its queue', async ({ house, another }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z')
    const other = await another()
    await other.impatient()
    await house.begin()
    await house.hold('queue', queue)

    expect(await keep(other, '2026-03-01T10:00:00Z')).toBe(0)
    await house.rollback()
  })

  test('is not kept by an older picture of the schedules', async ({ house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z')

    expect(await house.transaction(() => keep(house, '2026-03-01T10:00:00Z'), 'repeatable read')).toBe(0)
    expect(await keep(house, '2026-03-01T10:00:00Z')).toBe(1)
  })

  test('keeps no other from coming when its job cannot be enqueued, and comes once it can', async ({ house, another }) => {
    const owner = await another('owner')
    const [ill, well] = [await house.queue({ name: 'ill' }), await house.queue()]
    await owner.db.query(`alter table supaqueue.job add constraint no_sick_jobs check (payload <> '"sick"')`)
    const id = await schedule(house, ill, '2026-03-01T10:00:00Z', { payload: '"sick"' })
    await schedule(house, well, '2026-03-01T10:00:00Z')

    const warnings = await house.warnings(() => keep(house, '2026-03-01T10:00:00Z'))

    expect(warnings).toMatchObject([{
      code: 'SQ503',
      message: expect.stringContaining('no_sick_jobs'),
      hint: expect.stringContaining('next sweep'),
    }])
    expect(await keptTimes(house, well)).toEqual(['01 10:00'])
    expect(await row(house, id)).toMatchObject({ next_at: new Date('2026-03-01T10:00:00Z'), last_job: null })
    await owner.db.query('alter table supaqueue.job drop constraint no_sick_jobs')
    expect(await keep(house, '2026-03-01T10:00:10Z')).toBe(1)
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
  )('catch_up %s with overlap %s makes up for %j', async ([catchUp, overlap, times], { house }) => {
    const queue = await house.queue()
    const id = await schedule(house, queue, '2026-03-01T10:00:00Z', { catch_up: catchUp, overlap })

    expect(await keep(house, after)).toBe(times.length)

    expect(await keptTimes(house, queue)).toEqual(times)
    expect(await keep(house, after)).toBe(0)
    expect((await row(house, id)).next_at).toEqual(new Date('2026-03-01T14:00:00Z'))
  })

  test('catch_up none still keeps one that is not a minute old', async ({ house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z', { catch_up: 'none' })

    await keep(house, '2026-03-01T12:00:59Z')

    expect(await keptTimes(house, queue)).toEqual(['01 12:00'])
  })

  test('catch_up all makes up for 1000 at once, and for the rest at the next sweep', async ({ house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T00:00:00Z', { catch_up: 'all', overlap: true, cron: '* * * * *' })

    expect(await keep(house, '2026-03-01T20:00:00Z')).toBe(1000)
    expect(await keep(house, '2026-03-01T20:00:00Z')).toBe(201)

    const times = await keptTimes(house, queue)
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
  )('waits for that job, and then catch_up %s makes up for %j', async ([catchUp, times], { house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z', { catch_up: catchUp })
    await keep(house, '2026-03-01T10:00:00Z')

    expect(await keep(house, '2026-03-01T11:00:00Z')).toBe(0)
    expect(await keep(house, '2026-03-01T12:30:00Z')).toBe(0)
    await finish(house, queue)
    await keep(house, '2026-03-01T12:30:10Z')

    expect(await keptTimes(house, queue)).toEqual(['01 10:00', ...times])
  })

  test('is kept, even with catch_up none, when that job ends within a minute', async ({ house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z', { catch_up: 'none' })
    await keep(house, '2026-03-01T10:00:00Z')

    expect(await keep(house, '2026-03-01T11:00:10Z')).toBe(0)
    await finish(house, queue)

    expect(await keep(house, '2026-03-01T11:00:20Z')).toBe(1)
  })

  test('with catch_up all, every time is kept, one after the other', async ({ house }) => {
    const queue = await house.queue()
    await schedule(house, queue, '2026-03-01T10:00:00Z', { catch_up: 'all' })

    for (let i = 0; i < 5; i++) {
      await keep(house, '2026-03-01T12:30:00Z')
      await finish(house, queue)
    }

    expect(await keptTimes(house, queue)).toEqual(['01 10:00', '01 11:00', '01 12:00'])
  })

  test('is kept when that job was deleted', async ({ house }) => {
    const queue = await house.queue()
    const id = await schedule(house, queue, '2026-03-01T10:00:00Z')
    await keep(house, '2026-03-01T10:00:00Z')
    await house.delete('job', (await row(house, id)).last_job)

    expect(await keep(house, '2026-03-01T11:00:00Z')).toBe(1)
  })
})

test('with overlap a job is enqueued while the last one has not ended', async ({ house }) => {
  const queue = await house.queue()
  await schedule(house, queue, '2026-03-01T10:00:00Z', { overlap: true })
  await keep(house, '2026-03-01T10:00:00Z')

  await keep(house, '2026-03-01T11:00:00Z')

  expect(await keptTimes(house, queue)).toEqual(['01 10:00', '01 11:00'])
})
