import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('default headers', () => {
  test('that can be sent are kept as they are', async ({ harness }) => {
    const headers = { 'X-Team': 'mail; q=1', 'x-empty': '', "x-!#$%&'*+.^_`|~9": '\tümlaut ÿ' }

    const queue = await harness.queue({ default_headers: headers })

    const { rows } = await harness.db.query('select default_headers from supaqueue.queue where id = $1', [queue])
    expect(rows[0].default_headers).toEqual(headers)
  })

  test.for(
    [
      ['Connection', 'close'],
      ['content-length', '3'],
      ['Expect', '100-continue'],
      ['HOST', 'elsewhere'],
      ['keep-alive', '5'],
      ['proxy-authenticate', 'x'],
      ['proxy-authorization', 'x'],
      ['proxy-connection', 'x'],
      ['te', 'x'],
      ['trailer', 'x'],
      ['Transfer-Encoding', 'chunked'],
      ['upgrade', 'h2c'],
      ['with space', 'x'],
      ['with:colon', 'x'],
      ['', 'x'],
      ['ümlaut', 'x'],
      ['x-newline', 'a\nb'],
      ['x-return', 'a\rb'],
      ['x-euro', '€'],
      ['x-number', 7],
      ['x-null', null],
      ['x-object', {}],
    ] as const,
  )('%s: %j cannot be sent and are refused, with what to do', async ([name, value], { harness }) => {
    const refused = {
      code: 'SQ422',
      message: `the header "${name}" in default_headers cannot be sent`,
      hint: expect.stringContaining('an object of text values'),
    }

    expect(await refusal(harness.queue({ default_headers: { 'x-good': 'good', [name]: value } }))).toMatchObject(
      refused,
    )
    const queue = await harness.queue()
    expect(await refusal(harness.update('queue', queue, { default_headers: { [name]: value } }))).toMatchObject(refused)
  })
})

test('default headers of more than 8192 bytes are refused, and not one less', async ({ harness }) => {
  const headers = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a": ""}'.length) })
  const refused = { code: 'SQ422', message: expect.stringContaining('at most'), hint: expect.stringMatching(/\S/) }

  const queue = await harness.queue({ default_headers: headers(8192) })

  expect(await refusal(harness.queue({ default_headers: headers(8193) }))).toMatchObject(refused)
  expect(await refusal(harness.update('queue', queue, { default_headers: headers(8193) }))).toMatchObject(refused)
})

test.for(['GET', 'FETCH /v1', 'GET v1', 'header', 'header x y'])(
  'an entry of opens that cannot be read is refused: %s',
  async (entry, { harness }) => {
    const url = 'https://api.example.com/'
    const refused = { code: 'SQ422', message: 'opens has an entry that cannot be read' }
    const queue = await harness.queue({ url, opens: ['GET /v1/items/', 'header x-priority'] })

    expect(await refusal(harness.queue({ url, opens: ['GET /v1', entry] }))).toMatchObject(refused)
    expect(await refusal(harness.update('queue', queue, { opens: [entry] }))).toMatchObject(refused)
  },
)
