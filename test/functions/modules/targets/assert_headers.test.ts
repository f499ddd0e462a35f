import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const assertHeaders = async (house: House, headers: unknown): Promise<void> =>
  void await house.db.query(`select supaqueue_internal.assert_headers($1, 'headers')`, [JSON.stringify(headers)])

// What can be sent, and what cannot, stands with those who call it: on_queue_written and on_job_changed.
describe('assert_headers', () => {
  test('is content with what can be sent, and with none', async ({ house }) => {
    await assertHeaders(house, { 'x-team': 'mail', accept: 'text/plain; q=1' })
    await assertHeaders(house, {})
    await house.db.query(`select supaqueue_internal.assert_headers(null, 'headers')`)
  })

  test('leaves what is no object to whoever knows what it is to be', async ({ house }) => {
    await assertHeaders(house, [])
    await assertHeaders(house, 'x-team: mail')
  })

  test('says which header it is, in which column', async ({ house }) => {
    expect(await refusal(assertHeaders(house, { 'x-good': 'good', host: 'elsewhere' }))).toMatchObject({
      code: 'SQ422',
      message: 'the header "host" in headers cannot be sent',
      hint: expect.stringContaining('an object of text values'),
    })
  })

  test('refuses more than 8192 bytes, and not one less', async ({ house }) => {
    const least = '{"a": ""}'.length
    await assertHeaders(house, { a: 'x'.repeat(8192 - least) })

    expect(await refusal(assertHeaders(house, { a: 'x'.repeat(8193 - least) }))).toMatchObject({
      code: 'SQ422',
      message: 'headers has at most 8192 bytes, not 8193',
    })
  })
})
