import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

describe('take_name', () => {
  test('gives a name to one transaction at a time, again and again to the same, and leaves nothing', async ({ harness, another }) => {
    const other = await another()
    await harness.begin()
    for (let i = 0; i < 2; i += 1) expect(await ask(harness, 'take_name', { space: 'doors', name: 'a' })).toBe(true)

    expect(await ask(other, 'take_name', { space: 'doors', name: 'b' })).toBe(true)
    expect(await ask(other, 'take_name', { space: 'pgqueuer', name: 'a' })).toBe(true)
    expect(await ask(other, 'take_name', { space: 'doors', name: 'a', wait_ms: 1 })).toBe(false)
    const waiting = ask(other, 'take_name', { space: 'doors', name: 'a' })
    await until(() => harness.isBlocked(other))
    await harness.commit()

    expect(await waiting).toBe(true)
    expect((await harness.db.query('select from supaqueue.named_lock')).rowCount).toBe(0)
  })

  test('waits as long as the session allows, and leaves that as it was', async ({ harness, another }) => {
    const other = await another()
    await other.db.query(`set lock_timeout = '10ms'`)
    await harness.begin()
    await ask(harness, 'take_name', { space: 'doors', name: 'c' })

    expect(await refusal(ask(other, 'take_name', { space: 'doors', name: 'c' }))).toMatchObject({ code: '55P03' })
    expect(await ask(other, 'take_name', { space: 'doors', name: 'c', wait_ms: 1 })).toBe(false)
    expect((await other.db.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '10ms' }])
    await harness.rollback()
  })

  test.for(['repeatable read', 'serializable'])('raises no 40001 under %s', async (isolation, { harness, another }) => {
    const other = await another()
    await harness.begin(isolation)
    await other.begin(isolation)
    await harness.db.query('select from supaqueue.setting')
    await other.db.query('select from supaqueue.setting')
    await ask(harness, 'take_name', { space: 'doors', name: 'd' })
    await ask(other, 'take_name', { space: 'doors', name: 'e' })
    await harness.commit()

    expect(await ask(other, 'take_name', { space: 'doors', name: 'd' })).toBe(true)
    await other.commit()
  })
})
