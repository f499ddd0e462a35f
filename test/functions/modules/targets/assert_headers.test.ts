import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const assertHeaders = async (harness: Harness, headers: unknown): Promise<void> =>
  void await harness.db.query(`select supaqueue_internal.assert_headers($1, 'headers')`, [JSON.stringify(headers)])

// What can be sent, and what cannot, stands with those who call it: check_queue and check_changed_job.
describe('assert_headers', () => {
  test('is content with what can be sent, and with none', async ({ harness }) => {
    await assertHeaders(harness, { 'x-team': 'mail', accept: 'text/plain; q=1' })
    await assertHeaders(harness, {})
    await harness.db.query(`select supaqueue_internal.assert_headers(null, 'headers')`)
  })

  test('leaves what is no object to whoever knows what it is to be', async ({ harness }) => {
    await assertHeaders(harness, [])
    await assertHeaders(harness, 'x-team: mail')
  })

  test('says which header it is, in which column', async ({ harness }) => {
    expect(await refusal(assertHeaders(harness, { 'x-good': 'good', host: 'elsewhere' }))).toMatchObject({
      code: 'SQ422',
      message: 'the header "host" in headers cannot be sent',
      hint: expect.stringContaining('an object of text values'),
    })
  })

  test('refuses more than 8192 bytes, and not one less', async ({ harness }) => {
    const least = '{"a": ""}'.length
    await assertHeaders(harness, { a: 'x'.repeat(8192 - least) })

    expect(await refusal(assertHeaders(harness, { a: 'x'.repeat(8193 - least) }))).toMatchObject({
      code: 'SQ422',
      message: 'headers has at most 8192 bytes, not 8193',
    })
  })
})
