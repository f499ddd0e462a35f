import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const aside = async (harness: Harness, subject: string, reason = 'no', report: unknown = null): Promise<number> =>
  (await harness.db.query(`select supaqueue_internal.put_aside('begin', $1, '23503', $2, report => $3) as tries`, [
    subject,
    reason,
    JSON.stringify(report),
  ])).rows[0].tries

const row = async (harness: Harness, subject: string) =>
  (await harness.db.query('select * from supaqueue.trouble where subject = $1', [subject])).rows[0]

describe('put_aside', () => {
  test('counts how often a thing was tried, and waits twice as long each time, an hour at most', async ({ harness }) => {
    const waits: number[] = []

    for (let tried = 1; tried <= 13; tried++) {
      expect(await aside(harness, 'one')).toBe(tried)
      const { next_try_at, tried_at } = await row(harness, 'one')
      waits.push((next_try_at - tried_at) / 1000)
    }

    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600])
  })

  test('says the last reason, never an empty or an endless one', async ({ harness }) => {
    await aside(harness, 'two', 'first')
    await aside(harness, 'two', 'second')
    expect(await row(harness, 'two')).toMatchObject({ reason: 'second', code: '23503' })

    await aside(harness, 'two', '')
    expect((await row(harness, 'two')).reason).toBe('23503')
    await aside(harness, 'two', 'x'.repeat(5000))
    expect((await row(harness, 'two')).reason).toHaveLength(1000)
  })

  test('keeps what a report said', async ({ harness }) => {
    await aside(harness, 'three', 'no', { outcome: 'success' })
    await harness.db.query(`select supaqueue_internal.put_aside('begin', 'three', '23503', 'no')`)

    expect((await row(harness, 'three')).report).toEqual({ outcome: 'success' })
  })

  test('whose own row somebody holds is not kept, and what follows hardly waits for a lock', async ({ database, harness }) => {
    await aside(harness, 'held')
    const holder = await database.connect()
    await holder.query(`begin; select from supaqueue.trouble where subject = 'held' for update`)

    await harness.begin()
    await harness.db.query(`set local supaqueue.own_commit = 'yes'; set local lock_timeout = '100ms'`)
    const tries = await aside(harness, 'held')
    const { rows } = await harness.db.query(`select supaqueue_internal.lock_timed_out() as waited`)
    await harness.rollback()
    await holder.query('rollback')

    expect([tries, rows]).toEqual([null, [{ waited: true }]])
  })
})
