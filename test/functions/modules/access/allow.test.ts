import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, allow } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const doorsOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue.door where queue = $1 order by role', [queue])).rows

describe('allow', () => {
  test('opens one queue to one role, under limits though none were named', async ({ harness }) => {
    const queue = await harness.queue({ name: 'reports' })
    const other = await harness.queue()

    await ask(harness, 'allow', { queue: 'reports', role: 'authenticated' })

    expect(await doorsOf(harness, queue)).toMatchObject([{
      role: 'authenticated',
      max_bytes: 65536,
      schema: null,
      per_minute: null,
      show_result: false,
      may_cancel: false,
      live: false,
    }])
    expect(await doorsOf(harness, other)).toEqual([])
    expect(await admitted(harness)).toEqual(['authenticated'])
  })

  test('gives anon a limit though none was named, also where the row is written by hand', async ({ harness }) => {
    const [queue, byHand] = [await harness.queue(), await harness.queue()]

    await allow(harness, queue, {}, 'anon')
    await harness.db.query(`insert into supaqueue.door (queue, role) values ($1, 'anon')`, [byHand])

    expect(await doorsOf(harness, queue)).toMatchObject([{ per_minute: 60 }])
    expect(await doorsOf(harness, byHand)).toMatchObject([{ per_minute: 60 }])
  })

  test('called again says all of the door anew', async ({ harness }) => {
    const queue = await harness.queue()
    await allow(harness, queue, {
      max_bytes: 10,
      per_minute: 5,
      per_address: 3,
      schema: { type: 'object' },
      may_cancel: true,
    })

    await allow(harness, queue, { per_minute: 7 })

    expect(await doorsOf(harness, queue)).toMatchObject([
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
  )('refuses %s, and says how to write it', async ([, wrong], { harness }) => {
    const queue = await harness.queue()
    const reason = await refusal(ask(harness, 'allow', { queue, role: 'anon', ...wrong }))

    expect(reason).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('supaqueue.allow(') })
    expect(await doorsOf(harness, queue)).toEqual([])
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect(await refusal(allow(harness, 'nowhere'))).toMatchObject({ code: 'SQ404' })
  })

  test('refuses a schema that it does not understand, and says where', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await refusal(allow(harness, queue, { schema: { properties: { a: { $ref: '#' } } } }))).toMatchObject({
      code: 'SQ422',
      message: 'schema.properties.a.$ref is not understood',
    })
    expect(await doorsOf(harness, queue)).toEqual([])
  })
})
