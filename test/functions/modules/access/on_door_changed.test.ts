import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, openQueue } from '../../../support/door.ts'
import { test } from '../../../support/harness.ts'

describe('on_door_changed', () => {
  test('a row that is inserted by hand opens, one that is deleted closes', async ({ harness }) => {
    const queue = await harness.queue()

    await harness.db.query(`insert into supaqueue.door (queue, role) values ($1, 'anon')`, [queue])
    const open = await admitted(harness)
    await harness.db.query('delete from supaqueue.door where queue = $1', [queue])

    expect(open).toEqual(['anon'])
    expect(await admitted(harness)).toEqual([])
  })

  test('a row that is given another role opens to that one alone', async ({ harness }) => {
    const queue = await openQueue(harness, {}, 'anon')

    await harness.db.query(`update supaqueue.door set role = 'authenticated' where queue = $1`, [queue])
    const open = await admitted(harness)
    await ask(harness, 'revoke', { queue })

    expect(open).toEqual(['authenticated'])
  })

  test('a queue that is deleted takes its door along', async ({ harness }) => {
    const queue = await openQueue(harness)

    await ask(harness, 'delete_queue', { queue })

    expect(await admitted(harness)).toEqual([])
  })
})
