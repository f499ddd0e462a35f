import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { openQueue, signIn } from '../../../support/door.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

// Users may not call it: here service_role looks at what they would be told.
const enter = async (harness: Harness, queue: string) =>
  (await harness.db.query(`select * from supaqueue_internal.enter_door($1)`, [queue])).rows[0]
const used = async (harness: Harness, queue: string) =>
  (await harness.db.query('select who from supaqueue.door_use where queue = $1', [queue])).rows.length

describe('enter_door', () => {
  test('asks service_role for no door, and charges nothing', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 1 })

    for (let i = 0; i < 3; i++) expect(await enter(harness, queue)).toMatchObject({ user_id: null, door: null })
    expect(await used(harness, queue)).toBe(0)
  })

  test('charges neither user nor address when one of the two has had enough', async ({ ownDatabase }) => {
    const owner = harnessOf(await ownDatabase.connect())
    const queue = await openQueue(owner, { per_minute: 10, per_address: 1 })
    const user = harnessOf(await ownDatabase.connect('authenticated'))
    await user.db.query(`select set_config('request.headers', '{"x-forwarded-for": "192.0.2.1"}', false)`)
    const call = () => user.db.query('select public.supaqueue_enqueue($1)', [queue])
    await signIn(user)
    await call()
    const next = await signIn(user, randomUUID())

    expect(await refusal(call())).toMatchObject({ code: 'SQ429' })
    const { rows } = await owner.db.query('select from supaqueue.door_use where who = $1', [next])
    expect(rows).toEqual([])
  })
})
