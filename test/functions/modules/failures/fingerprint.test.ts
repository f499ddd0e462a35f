import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const fingerprint = async (house: House, outcome: string, status: number | null, error: string | null) =>
  (await house.db.query('select supaqueue.fingerprint($1, $2, $3) as it', [outcome, status, error])).rows[0].it

describe('the fingerprint of a failure', () => {
  test.for(
    [
      ['failed', 500, 'no such user', 'failed 500: no such user'],
      ['unknown', null, 'no answer within 60000 ms', 'unknown: no answer within # ms'],
      ['killed', 400, null, 'killed 400'],
      ['failed', 500, 'user 42 of 1,000.5 at 12:30:59', 'failed 500: user # of # at #'],
      ['failed', 500, 'order 1b4e28ba-2fa1-11d2-883f-0016d3cca427 is gone', 'failed 500: order # is gone'],
      ['failed', 500, 'message msg_01HZX3Q4W5E6R7T8 at 0xdeadBEEF', 'failed 500: message # at #'],
      ['failed', 500, 'key "mail_7" and `b` and “c” and \'d e\'!', 'failed 500: key * and * and * and *!'],
      ['failed', 500, "can't read the user's file", "failed 500: can't read the user's file"],
      ['failed', 422, 'SQ422: utf8 expected by http2', 'failed 422: SQ422: utf8 expected by http2'],
      [
        'failed',
        500,
        '\n  TypeError: x is\tnot   a function\n    at file.ts:12:5',
        'failed 500: TypeError: x is not a function',
      ],
      ['failed', 500, 'it happened on 2026-11-22 at 10.0.0.1:8080', 'failed 500: it happened on # at #'],
    ] as const,
  )('%s %s %j is %s', async ([outcome, status, error, it], { house }) => {
    expect(await fingerprint(house, outcome, status, error)).toBe(it)
  })

  test('is no longer than 200 characters', async ({ house }) => {
    expect(await fingerprint(house, 'failed', 500, 'ü'.repeat(5000))).toBe(`failed 500: ${'ü'.repeat(188)}`)
  })
})
