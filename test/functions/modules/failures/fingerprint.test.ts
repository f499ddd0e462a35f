import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { CORPUS } from './corpus.ts'
import { HELD_OUT } from './held_out.ts'

const fingerprint = async (harness: Harness, outcome: string, status: number | null, error: string | null) =>
  (await harness.db.query('select supaqueue.fingerprint($1, $2, $3) as it', [outcome, status, error])).rows[0].it

describe('the fingerprint of a failure', () => {
  test.for(
    [
      ['failed', 500, 'no such user', 'failed 500: no such user'],
      ['unknown', null, 'no answer within 60000 ms', 'unknown: no answer within # ms'],
      ['killed', 400, null, 'killed 400'],
      ['failed', 500, 'user 42 of 1,000.5 at 12:30:59', 'failed 500: user # of # at #'],
      ['failed', 500, 'order 1b4e28ba-2fa1-11d2-883f-0016d3cca427 is gone', 'failed 500: order # is gone'],
      ['failed', 500, 'message msg_01HZX3Q4W5E6R7T8 at 0xdeadBEEF', 'failed 500: message msg_# at #'],
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
  )('%s %s %j is %s', async ([outcome, status, error, it], { harness }) => {
    expect(await fingerprint(harness, outcome, status, error)).toBe(it)
  })

  test('is no longer than 200 characters', async ({ harness }) => {
    expect(await fingerprint(harness, 'failed', 500, 'ü'.repeat(5000))).toBe(`failed 500: ${'ü'.repeat(188)}`)
  })
})

describe.for([['at hand', CORPUS], ['held out', HELD_OUT]] as const)('a corpus %s', ([, corpus]) => {
  test('has two hundred messages of forty causes', () => {
    expect(corpus.map((messages) => messages.length)).toEqual(Array(40).fill(5))
  })

  test('gives a group for each cause, and no two causes one', async ({ harness }) => {
    const { rows } = await harness.db.query<{ cause: number; prints: string[] }>(
      `select cause, array_agg(distinct supaqueue.fingerprint('failed', 500, message)) as prints
       from unnest($1::integer[], $2::text[]) as told (cause, message) group by cause order by cause`,
      [corpus.flatMap((messages, cause) => messages.map(() => cause)), corpus.flat()],
    )

    expect(rows.filter(({ prints }) => prints.length !== 1)).toEqual([])
    expect(new Set(rows.flatMap(({ prints }) => prints)).size).toBe(40)
  })
})
