import { describe, expect } from 'vitest'
import { expectOpened } from '../../../../supabase/functions/supaqueue/target/opened.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

// What an enqueuer tries with the credential of a queue. The dispatcher is to say the same as the database.

type Own = NonNullable<Parameters<Harness['job']>[1]>

const url = 'https://api.example.com/v1/invoices'
const closed = { url, default_headers: { authorization: 'vault:api_secret' }, allowed_hosts: ['eu.example.com'] }
const opened = {
  ...closed,
  opens: ['GET /v1/customers/', 'post /v1/invoices', 'POST https://eu.example.com/v1', 'header X-Priority'],
}

/** Whether the dispatcher would call. */
function isCalled(settings: object, own: Own): boolean {
  const queue = { id: '', name: 'q', method: 'POST', timeout_ms: 1, ...settings }
  try {
    expectOpened(queue as never, { job: { id: 1, payload: '{}', attempts: 1, ...own } } as never)
    return true
  } catch {
    return false
  }
}

describe('in vain, where the queue has opened nothing:', () => {
  test.for<[string, Own]>([
    ['another path', { url: 'https://api.example.com/v1/customers/42?expand=all' }],
    ['another method', { method: 'DELETE' }],
    ['another host of the queue', { url: 'https://eu.example.com/v1/invoices' }],
    ['parameters', { query: { admin: 1 } }],
    ['parameters in its url', { url: `${url}?admin=1` }],
    ['a header', { headers: { 'x-http-method-override': 'DELETE' } }],
    ['a header in place of the credential', { headers: { authorization: 'Bearer mine' } }],
  ])('%s', async ([_, own], { harness }) => {
    const queue = await harness.queue(closed)

    const refused = await refusal(harness.job(queue, own))

    expect(refused).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('set opens = opens ||') })
    expect(isCalled(closed, own)).toBe(false)
  })
})

describe('in vain, beside what the queue has opened:', () => {
  test.for<[string, Own]>([
    ['the method of another path', { url: 'https://api.example.com/v1/customers/42', method: 'DELETE' }],
    ['a path that only begins alike', { url: 'https://api.example.com/v1/invoices-of-others' }],
    ['a path above', { url: 'https://api.example.com/v1' }],
    ['a way out by dots', { url: 'https://api.example.com/v1/invoices/../admin' }],
    ['a way out by dots in percent-encoding', { url: 'https://api.example.com/v1/invoices/%2e%2e/admin' }],
    ['a way out by a slash in percent-encoding', { url: 'https://api.example.com/v1/invoices/..%2fadmin' }],
    ['a way out by a backslash', { url: 'https://api.example.com/v1/invoices/..\\admin' }],
    ['a way out by dots before a semicolon', { url: 'https://api.example.com/v1/invoices/..;/admin' }],
    ['a way out by dots before a semicolon with a value', { url: 'https://api.example.com/v1/invoices/..;x=1/admin' }],
    ['a way out by what is encoded twice', { url: 'https://api.example.com/v1/invoices/%252e%252e/admin' }],
    ['a way out by a slash that is encoded twice', { url: 'https://api.example.com/v1/invoices/..%252Fadmin' }],
    ['a way out by dots of full width', { url: 'https://api.example.com/v1/invoices/．．／admin' }],
    ['the same in percent-encoding', { url: 'https://api.example.com/v1/invoices/%EF%BC%8E%EF%BC%8E/admin' }],
    ['a way out by an encoding that is too long', { url: 'https://api.example.com/v1/invoices/%c0%ae%c0%ae/admin' }],
    ['an end by a NUL', { url: 'https://api.example.com/v1/invoices/7%00.admin' }],
    ['an end by a line break', { url: 'https://api.example.com/v1/invoices/7%0d%0aX-Admin:%201' }],
    ['the path at another host', { url: 'https://eu.example.com/v2' }],
    ['another header', { headers: { 'x-priority': '1', 'x-admin': '1' } }],
  ])('%s', async ([_, own], { harness }) => {
    const queue = await harness.queue(opened)

    expect(await refusal(harness.job(queue, own))).toMatchObject({ code: 'SQ422' })
    expect(isCalled(opened, own)).toBe(false)
  })
})

describe('let through:', () => {
  test.for<[string, object, Own]>([
    ['what is as the queue has it', closed, { url, method: 'POST' }],
    ['what is no part of the call', closed, { timeout_ms: 5, max_attempts: 1 }],
    ['a path below one that is opened', opened, { url: 'https://api.example.com/v1/customers/42?a=1', method: 'GET' }],
    ['the very path, with parameters', opened, { query: { a: 1 } }],
    ['another host that is opened', opened, { url: 'https://eu.example.com/v1/x' }],
    ['a header that is opened', opened, { headers: { 'x-priority': '1' } }],
    ['anything at an allowed host, where nothing is to be lost', { ...closed, default_headers: {} }, {
      url: 'https://eu.example.com/x',
      method: 'PUT',
      headers: { a: 'b' },
    }],
  ])('%s', async ([_, settings, own], { harness }) => {
    const queue = await harness.queue(settings)

    expect(await harness.job(queue, own)).toEqual(expect.any(Number))
    expect(isCalled(settings, own)).toBe(true)
  })
})

test.for(['GET', 'GET v1', 'FETCH /v1', 'GET /v1?a=1', 'header', 'header a b', '', '/v1'])(
  'a queue cannot open %j, which nobody could read',
  async (entry, { harness }) => {
    expect(await refusal(harness.queue({ ...closed, opens: [entry] }))).toMatchObject({ code: 'SQ422' })
  },
)
