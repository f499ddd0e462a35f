import { describe, expect } from 'vitest'
import { allow, call } from '../../../support/door.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const from = (session: Harness, headers: Record<string, string>) =>
  session.db.query(`select set_config('request.headers', $1, false)`, [JSON.stringify(headers)])
const addressOf = async (harness: Harness, headers: Record<string, string>) => {
  await from(harness, headers)
  return (await harness.db.query('select supaqueue_internal.caller_address() as address')).rows[0].address
}

describe('caller_address', () => {
  test.for<[same: boolean, one: Record<string, string>, other: Record<string, string>]>([
    [true, { 'cf-connecting-ip': '192.0.2.1' }, {
      'cf-connecting-ip': ' 192.0.2.1 ',
      'x-forwarded-for': '198.51.100.9',
    }],
    [false, { 'cf-connecting-ip': '192.0.2.1' }, { 'cf-connecting-ip': '192.0.2.2' }],
    // Only the last is not what the caller says.
    [true, { 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-for': '203.0.113.7, 10.0.0.1,192.0.2.1' }],
    [false, { 'x-forwarded-for': '192.0.2.1, 192.0.2.3' }, { 'x-forwarded-for': '192.0.2.1, 192.0.2.4' }],
    [true, { 'x-forwarded-for': '2001:db8:1:2::1' }, { 'x-forwarded-for': '2001:db8:1:2:ffff::9' }],
    [false, { 'x-forwarded-for': '2001:db8:1:2::1' }, { 'x-forwarded-for': '2001:db8:1:3::1' }],
    [true, { 'x-forwarded-for': 'unknown' }, { 'x-forwarded-for': 'unknown' }],
    [false, { 'x-forwarded-for': 'unknown' }, { 'x-forwarded-for': '192.0.2.1' }],
  ])('is the same (%s) of %j and %j', async ([same, one, other], { ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await harness.setting('functions_url', 'https://abcdefghijklmnopqrst.supabase.co/functions/v1')
    const [first, second] = [await addressOf(harness, one), await addressOf(harness, other)]

    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(first === second).toBe(same)
  })

  test('is not known where nobody says it', async ({ harness }) => {
    const silent: Record<string, string>[] = [{}, { 'x-forwarded-for': '' }, { forwarded: 'for=192.0.2.1' }]
    for (const headers of silent) {
      expect(await addressOf(harness, headers)).toBe(null)
    }
    await harness.db.query('reset request.headers')
    expect((await harness.db.query('select supaqueue_internal.caller_address() as address')).rows).toEqual([{
      address: null,
    }])
  })

  test('is read in the header that the setting names', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await harness.setting('address_header', 'X-Real-IP')
    const one = await addressOf(harness, { 'x-real-ip': '192.0.2.1' })

    expect(await addressOf(harness, { 'cf-connecting-ip': '192.0.2.9', 'x-real-ip': '192.0.2.1' })).toBe(one)
  })

  test.for([
    'http://127.0.0.1:54321/functions/v1',
    'https://queue.example.org/functions/v1',
    'https://a.supabase.co.evil.org/',
  ])(
    'is not what the caller says of himself where no edge of the platform stands before %s',
    async (functionsUrl, { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect())
      await harness.setting('functions_url', functionsUrl)
      const one = await addressOf(harness, { 'x-forwarded-for': '192.0.2.1' })

      expect(await addressOf(harness, { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '192.0.2.1' })).toBe(one)
      expect(await addressOf(harness, { 'cf-connecting-ip': '203.0.113.9' })).toBe(null)
    },
  )

  test('has no single caller use up what all have together', async ({ harness, another }) => {
    const queue = await harness.queue()
    await allow(harness, queue, { per_minute: 1000, per_address: 1 }, 'anon')
    const anon = await another('anon')
    await from(anon, { 'x-forwarded-for': '192.0.2.1' })
    await call(anon, 'enqueue', { queue })

    expect(await refusal(call(anon, 'enqueue', { queue }))).toMatchObject({ code: 'SQ429' })
    await from(anon, { 'x-forwarded-for': '192.0.2.1, 192.0.2.2' })
    expect(await call(anon, 'enqueue', { queue })).toBe(null)
    await from(anon, {})
    expect(await call(anon, 'enqueue', { queue })).toBe(null)
  })
})
