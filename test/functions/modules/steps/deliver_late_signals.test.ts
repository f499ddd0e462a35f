import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { steps } from './support.ts'

describe('deliver_late_signals', () => {
  test('lets signals by a key go that nobody waited for in 30 days, and no others', async ({ harness }) => {
    const key = crypto.randomUUID()
    const { signal, sent } = steps(harness)
    const [old, young] = [await signal({ key, name: 'paid' }), await signal({ key, name: 'paid' })]
    await harness.db.query(`update supaqueue.signal set created_at = now() - interval '31 days' where id = $1`, [old])
    await harness.db.query(`update supaqueue.signal set created_at = now() - interval '29 days' where id = $1`, [young])

    await harness.sweep()

    expect(await sent(old)).toBe(undefined)
    expect(await sent(young)).toMatchObject({ taken_by: null })
  })

  test('lets signals go whose job was deleted while they were sent', async ({ harness }) => {
    const { signal, sent } = steps(harness)
    const job = await harness.job(await harness.queue())
    const id = await signal({ job, name: 'approval' })
    await harness.db.query('update supaqueue.signal set job = $2 where id = $1', [id, 9_000_000])
    await harness.sweep()
    expect(await sent(id)).toMatchObject({ job: 9_000_000 })
    await harness.db.query(`update supaqueue.signal set created_at = now() - interval '24.5 hours' where id = $1`, [id])

    await harness.sweep()

    expect(await sent(id)).toBe(undefined)
  })

  test('is a chore of the sweep', async ({ harness }) => {
    const { rows } = await harness.db.query(`select routine from supaqueue.chore where name = 'signals'`)

    expect(rows).toEqual([{ routine: 'deliver_late_signals' }])
  })
})
