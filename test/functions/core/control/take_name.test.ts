import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

describe('take_name', () => {
  test('gives a name to one transaction at a time, again and again to the same, and leaves nothing', async ({ house, another }) => {
    const other = await another()
    await house.begin()
    for (let i = 0; i < 2; i += 1) expect(await ask(house, 'take_name', { space: 'doors', name: 'a' })).toBe(true)

    expect(await ask(other, 'take_name', { space: 'doors', name: 'b' })).toBe(true)
    expect(await ask(other, 'take_name', { space: 'pgqueuer', name: 'a' })).toBe(true)
    expect(await ask(other, 'take_name', { space: 'doors', name: 'a', wait_ms: 1 })).toBe(false)
    const waiting = ask(other, 'take_name', { space: 'doors', name: 'a' })
    await until(() => house.isBlocked(other))
    await house.commit()

    expect(await waiting).toBe(true)
    expect((await house.db.query('select from supaqueue.named_lock')).rowCount).toBe(0)
  })

  test('waits as long as the session allows, and leaves that as it was', async ({ house, another }) => {
    const other = await another()
    await other.db.query(`set lock_timeout = '10ms'`)
    await house.begin()
    await ask(house, 'take_name', { space: 'doors', name: 'c' })

    expect(await refusal(ask(other, 'take_name', { space: 'doors', name: 'c' }))).toMatchObject({ code: '55P03' })
    expect(await ask(other, 'take_name', { space: 'doors', name: 'c', wait_ms: 1 })).toBe(false)
    expect((await other.db.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '10ms' }])
    await house.rollback()
  })

  test.for(['repeatable read', 'serializable'])('raises no 40001 under %s', async (isolation, { house, another }) => {
    const other = await another()
    await house.begin(isolation)
    await other.begin(isolation)
    await house.db.query('select from supaqueue.setting')
    await other.db.query('select from supaqueue.setting')
    await ask(house, 'take_name', { space: 'doors', name: 'd' })
    await ask(other, 'take_name', { space: 'doors', name: 'e' })
    await house.commit()

    expect(await ask(other, 'take_name', { space: 'doors', name: 'd' })).toBe(true)
    await other.commit()
  })
})
