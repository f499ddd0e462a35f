import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

/** A schedule that is due at ten past each hour. Returns its id. */
async function hourly(harness: Harness, columns: Record<string, unknown> = {}) {
  const all: Record<string, unknown> = {
    name: `s-${Math.random()}`,
    queue: await harness.queue(),
    cron: '10 * * * *',
    ...columns,
  }
  const names = Object.keys(all)
  const { rows } = await harness.db.query(
    `insert into supaqueue.schedule (${names}) values (${names.map((_, i) => `$${i + 1}`)}) returning id`,
    Object.values(all),
  )
  return rows[0].id
}

/** Whether next_at is what next_time says from now on, and what it is. */
const next = async (harness: Harness, id: string) =>
  (await harness.db.query(
    `select next_at, next_at = supaqueue.next_time(cron, time_zone) as counted_from_now
     from supaqueue.schedule where id = $1`,
    [id],
  )).rows[0]

const change = (harness: Harness, id: string, assignments: string) =>
  harness.db.query(`update supaqueue.schedule set ${assignments} where id = $1`, [id])

describe('next_at of a schedule', () => {
  test('is counted from now on when it is new', async ({ harness }) => {
    expect(await next(harness, await hourly(harness))).toMatchObject({ counted_from_now: true })
  })

  test('is what was written by hand', async ({ harness }) => {
    const first = new Date('2099-01-01T00:00:00Z')

    const schedule = await hourly(harness, { next_at: first })

    expect((await next(harness, schedule)).next_at).toEqual(first)
    await change(harness, schedule, `cron = '11 * * * *', next_at = '2098-01-01T00:00:00Z'`)
    expect((await next(harness, schedule)).next_at).toEqual(new Date('2098-01-01T00:00:00Z'))
  })

  test.for([`cron = '20 * * * *'`, `time_zone = 'Asia/Kolkata'`, 'enabled = true', 'next_at = null'])(
    'is counted anew after %s',
    async (assignment, { harness }) => {
      const schedule = await hourly(harness, {
        next_at: '2020-01-01T00:10:00Z',
        enabled: assignment !== 'enabled = true' ? true : false,
      })

      await change(harness, schedule, assignment)

      expect(await next(harness, schedule)).toMatchObject({ counted_from_now: true })
    },
  )

  test.for([`cron = '10 * * * *'`, `time_zone = 'UTC'`, 'enabled = true', 'enabled = false', `payload = '{"a": 1}'`])(
    'stays as it is after %s: nothing is forgotten',
    async (assignment, { harness }) => {
      const missed = new Date('2020-01-01T00:10:00Z')
      const schedule = await hourly(harness, { next_at: missed })

      await change(harness, schedule, assignment)

      expect((await next(harness, schedule)).next_at).toEqual(missed)
    },
  )
})

describe('a schedule is refused', () => {
  test.for(
    [
      ['with a cron expression that is not valid', { cron: 'daily' }, 'is not a cron expression'],
      ['with a time zone that is none', { time_zone: 'Mars/Olympus' }, 'is not a time zone'],
      ['on a day that never comes', { cron: '0 0 31 2 *' }, 'never comes'],
    ] as const,
  )('%s, with what to do', async ([, columns, message], { harness }) => {
    const refused = { code: 'SQ422', message: expect.stringContaining(message), hint: expect.stringMatching(/\S/) }

    expect(await refusal(hourly(harness, columns))).toMatchObject(refused)
    const schedule = await hourly(harness)
    const [[name, value]] = Object.entries(columns) as [[string, string]]
    expect(await refusal(change(harness, schedule, `${name} = '${value}'`))).toMatchObject(refused)
  })
})
