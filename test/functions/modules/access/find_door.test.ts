import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { openQueue } from '../../../support/door.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('find_door', () => {
  test('finds the door of a queue by its name and by its id', async ({ harness }) => {
    const queue = await openQueue(harness)
    const { rows: [{ name }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [queue])

    for (const named of [queue, name]) {
      expect(await rowsOf(harness, 'find_door', { queue: named, role: 'authenticated' })).toMatchObject([{ queue }])
    }
  })

  test('says the same of a queue that is not there, not open, or open to others only', async ({ harness }) => {
    const closed = await harness.queue()
    const open = await openQueue(harness)
    const { rows: [{ name: openByName }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [
      open,
    ])
    const said = async (queue: string, role: string) => {
      const { code, message, hint } = await refusal(rowsOf(harness, 'find_door', { queue, role }))
      return { code, message: message.replaceAll(queue, 'it'), hint }
    }

    const unknown = await said(randomUUID(), 'authenticated')

    expect(unknown).toMatchObject({ code: 'SQ404' })
    expect(await said(closed, 'authenticated')).toEqual(unknown)
    expect(await said(open, 'anon')).toEqual(unknown)
    expect(await said(openByName, 'anon')).toEqual(unknown)
  })
})
