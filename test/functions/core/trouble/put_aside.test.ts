import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const aside = async (house: House, subject: string, reason = 'no', report: unknown = null): Promise<number> =>
  (await house.db.query(`select supaqueue_internal.put_aside('begin', $1, '23503', $2, report => $3) as tries`, [
    subject,
    reason,
    JSON.stringify(report),
  ])).rows[0].tries

const row = async (house: House, subject: string) =>
  (await house.db.query('select * from supaqueue.trouble where subject = $1', [subject])).rows[0]

describe('put_aside', () => {
  test('counts how often a thing was tried, and waits twice as long each time, an hour at most', async ({ house }) => {
    const waits: number[] = []

    for (let tried = 1; tried <= 13; tried++) {
      expect(await aside(house, 'one')).toBe(tried)
      const { next_try_at, tried_at } = await row(house, 'one')
      waits.push((next_try_at - tried_at) / 1000)
    }

    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600])
  })

  test('says the last reason, never an empty or an endless one', async ({ house }) => {
    await aside(house, 'two', 'first')
    await aside(house, 'two', 'second')
    expect(await row(house, 'two')).toMatchObject({ reason: 'second', code: '23503' })

    await aside(house, 'two', '')
    expect((await row(house, 'two')).reason).toBe('23503')
    await aside(house, 'two', 'x'.repeat(5000))
    expect((await row(house, 'two')).reason).toHaveLength(1000)
  })

  test('keeps what a report said', async ({ house }) => {
    await aside(house, 'three', 'no', { outcome: 'success' })
    await house.db.query(`select supaqueue_internal.put_aside('begin', 'three', '23503', 'no')`)

    expect((await row(house, 'three')).report).toEqual({ outcome: 'success' })
  })
})
