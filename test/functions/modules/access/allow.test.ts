import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, allow } from '../../../support/door.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const doorsOf = async (house: House, queue: string) =>
  (await house.db.query('select * from supaqueue.door where queue = $1 order by role', [queue])).rows

describe('allow', () => {
  test('opens one queue to one role, under limits though none were named', async ({ house }) => {
    const queue = await house.queue({ name: 'reports' })
    const other = await house.queue()

    await ask(house, 'allow', { queue: 'reports', role: 'authenticated' })

    expect(await doorsOf(house, queue)).toMatchObject([{
      role: 'authenticated',
      max_bytes: 65536,
      schema: null,
      per_minute: null,
      show_result: false,
      may_cancel: false,
      live: false,
    }])
    expect(await doorsOf(house, other)).toEqual([])
    expect(await admitted(house)).toEqual(['authenticated'])
  })

  test('gives anon a limit though none was named, also where the row is written by hand', async ({ house }) => {
    const [queue, byHand] = [await house.queue(), await house.queue()]

    await allow(house, queue, {}, 'anon')
    await house.db.query(`insert into supaqueue.door (queue, role) values ($1, 'anon')`, [byHand])

    expect(await doorsOf(house, queue)).toMatchObject([{ per_minute: 60 }])
    expect(await doorsOf(house, byHand)).toMatchObject([{ per_minute: 60 }])
  })

  test('called again says all of the door anew', async ({ house }) => {
    const queue = await house.queue()
    await allow(house, queue, {
      max_bytes: 10,
      per_minute: 5,
      per_address: 3,
      schema: { type: 'object' },
      may_cancel: true,
    })

    await allow(house, queue, { per_minute: 7 })

    expect(await doorsOf(house, queue)).toMatchObject([
      { max_bytes: 65536, per_minute: 7, per_address: null, schema: null, may_cancel: false },
    ])
  })

  test.for(
    [
      ['a role of the project’s own', { role: 'service_role' }],
      ['no role', { role: null }],
      ['no bytes', { max_bytes: 0 }],
      ['no jobs', { per_minute: 0 }],
      ['no jobs from an address', { per_address: 0 }],
      ['more jobs from an address than can be told apart', { per_address: 60001 }],
      ['more jobs than can be told apart', { per_minute: 60001 }],
      ['a negative delay', { max_delay: '-1 second' }],
    ] as const,
  )('refuses %s, and says how to write it', async ([, wrong], { house }) => {
    const queue = await house.queue()
    const reason = await refusal(ask(house, 'allow', { queue, role: 'anon', ...wrong }))

    expect(reason).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('supaqueue.allow(') })
    expect(await doorsOf(house, queue)).toEqual([])
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect(await refusal(allow(house, 'nowhere'))).toMatchObject({ code: 'SQ404' })
  })

  test('refuses a schema that it does not understand, and says where', async ({ house }) => {
    const queue = await house.queue()

    expect(await refusal(allow(house, queue, { schema: { properties: { a: { $ref: '#' } } } }))).toMatchObject({
      code: 'SQ422',
      message: 'schema.properties.a.$ref is not understood',
    })
    expect(await doorsOf(house, queue)).toEqual([])
  })
})
