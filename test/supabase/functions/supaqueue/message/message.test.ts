import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fieldsOf } from '../../../../../supabase/functions/supaqueue/message/fields.ts'
import { messageOf } from '../../../../../supabase/functions/supaqueue/message/message.ts'
import type { Claim } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { NotCallable } from '../../../../../supabase/functions/supaqueue/outcome/not_callable.ts'
import { claimOf, queueRow } from '../support/calling.ts'

const put = (job: Partial<Claim['job']>, method?: string) => messageOf(queueRow({ method }), claimOf(job))

const refusal = (job: Partial<Claim['job']>) => {
  try {
    put(job)
  } catch (reason) {
    if (reason instanceof NotCallable) return reason.outcome
  }
}

describe('the method', () => {
  test("is the job's, else the queue's, else POST", () => {
    expect(put({ method: 'PUT' }, 'PATCH').method).toBe('PUT')
    expect(put({}, 'PATCH').method).toBe('PATCH')
    expect(put({}).method).toBe('POST')
  })

  test.each(['POST', 'PUT', 'PATCH'])('%s has the payload as its body, and the query as parameters', (method) => {
    const query = { a: 'text', b: 1, c: [1, 'x'], d: null, e: true }

    expect(put({ method, query, payload: '{"n": 12345678901234567890}' })).toEqual({
      method,
      body: '{"n": 12345678901234567890}',
      type: 'application/json',
      parameters: [['a', 'text'], ['b', '1'], ['c', '[1,"x"]'], ['e', 'true']],
    })
  })

  test.each(['GET', 'DELETE'])('%s has no body; the fields of the payload are its parameters', (method) => {
    const payload = '{"a": "t\\"ü", "n": 12345678901234567890, "o": {"x": [1, ",}"]}, "z": null, "b": false, "": ""}'

    expect(put({ method, payload })).toEqual({
      method,
      parameters: [['a', 't"ü'], ['n', '12345678901234567890'], ['o', '{"x": [1, ",}"]}'], ['b', 'false'], ['', '']],
    })
  })

  test('DELETE of a URL has a body: what is in the address stands in access logs', () => {
    const claim = {
      current_job: { id: randomUUID() },
      job: { id: 1, payload: '{"id": 7}', attempts: 1, query: { a: 1 } },
    }
    const url = queueRow({ url: 'https://api.example/', method: 'DELETE' })

    expect(messageOf(url, claim)).toMatchObject({
      body: '{"id": 7}',
      type: 'application/json',
      parameters: [['a', '1']],
    })
    expect(messageOf(url, { ...claim, job: { ...claim.job, payload: '{}' } }).body).toBe(undefined)
  })

  test('GET with a query sends nothing of the payload', () => {
    expect(put({ method: 'GET', payload: '{"a": 1}', query: {} }).parameters).toEqual([])
    expect(put({ method: 'GET', payload: '{"a": 1}', query: { b: 2 } }).parameters).toEqual([['b', '2']])
  })
})

test.each(['[1, {"a": 2}]', '"text"', '7', 'null', '{}', '[]'])('%s has no fields', (json) => {
  expect(fieldsOf(json)).toEqual([])
})

describe('a payload of $base64', () => {
  test('is sent as its bytes', () => {
    const message = put({ payload: '{"$base64": "AP+A\\nCg=="}' })

    expect(message).toMatchObject({ type: 'application/octet-stream' })
    expect([...message.body as Uint8Array]).toEqual([0, 255, 128, 10])
  })

  test.each(['{"$base64": 7}', '{"$base64": "AA==", "more": 1}', '{"a": {"$base64": "AA=="}}'])(
    '%s is JSON as any other',
    (payload) => {
      expect(put({ payload })).toMatchObject({ body: payload, type: 'application/json' })
    },
  )

  test('that is not base64 kills the job', () => {
    expect(refusal({ payload: '{"$base64": "!"}' })).toMatchObject({
      outcome: 'killed',
      error: expect.stringContaining('SQ422'),
    })
  })
})

describe('a slice that continues', () => {
  test('gets payload and state, in their own writing', () => {
    const { body, type } = put({ payload: '{"n": 1.0}', state: '{"page": 12345678901234567890}' })

    expect(body).toBe('{"payload": {"n": 1.0}, "state": {"page": 12345678901234567890}}')
    expect(type).toBe('application/json')
  })

  test('without a body gets the state in a header, in plain ASCII', () => {
    const { stateHeader, body } = put({ method: 'GET', state: '{"a":\n"grün 🔑"}' })

    expect(stateHeader).toMatch(/^[ -~]+$/)
    expect(JSON.parse(stateHeader!)).toEqual({ a: 'grün 🔑' })
    expect(body).toBe(undefined)
  })

  test('whose state no header can carry is killed', () => {
    expect(put({ method: 'DELETE', state: `"${'x'.repeat(4094)}"` }).stateHeader).toHaveLength(4096)
    expect(refusal({ method: 'DELETE', state: `"${'x'.repeat(4095)}"` })).toMatchObject({ outcome: 'killed' })
  })
})
