import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { openQueue } from '../../../support/door.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('find_door', () => {
  test('finds the door of a queue by its name and by its id', async ({ house }) => {
    const queue = await openQueue(house)
    const { rows: [{ name }] } = await house.db.query('select name from supaqueue.queue where id = $1', [queue])

    for (const named of [queue, name]) {
      expect(await rowsOf(house, 'find_door', { queue: named, role: 'authenticated' })).toMatchObject([{ queue }])
    }
  })

  test('says the same of a queue that is not there, not open, or open to others only', async ({ house }) => {
    const closed = await house.queue()
    const open = await openQueue(house)
    const { rows: [{ name: openByName }] } = await house.db.query('select name from supaqueue.queue where id = $1', [
      open,
    ])
    const said = async (queue: string, role: string) => {
      const { code, message, hint } = await refusal(rowsOf(house, 'find_door', { queue, role }))
      return { code, message: message.replaceAll(queue, 'it'), hint }
    }

    const unknown = await said(randomUUID(), 'authenticated')

    expect(unknown).toMatchObject({ code: 'SQ404' })
    expect(await said(closed, 'authenticated')).toEqual(unknown)
    expect(await said(open, 'anon')).toEqual(unknown)
    expect(await said(openByName, 'anon')).toEqual(unknown)
  })
})
