import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, openQueue } from '../../../support/door.ts'
import { test } from '../../../support/house.ts'

describe('on_door_changed', () => {
  test('a row that is inserted by hand opens, one that is deleted closes', async ({ house }) => {
    const queue = await house.queue()

    await house.db.query(`insert into supaqueue.door (queue, role) values ($1, 'anon')`, [queue])
    const open = await admitted(house)
    await house.db.query('delete from supaqueue.door where queue = $1', [queue])

    expect(open).toEqual(['anon'])
    expect(await admitted(house)).toEqual([])
  })

  test('a row that is given another role opens to that one alone', async ({ house }) => {
    const queue = await openQueue(house, {}, 'anon')

    await house.db.query(`update supaqueue.door set role = 'authenticated' where queue = $1`, [queue])
    const open = await admitted(house)
    await ask(house, 'revoke', { queue })

    expect(open).toEqual(['authenticated'])
  })

  test('a queue that is deleted takes its door along', async ({ house }) => {
    const queue = await openQueue(house)

    await ask(house, 'delete_queue', { queue })

    expect(await admitted(house)).toEqual([])
  })
})
