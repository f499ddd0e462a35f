import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const words = { code: 'SQ404', message: 'there is "none"', detail: '', hint: 'look' }

describe('answer_error', () => {
  test('inside of a request raises the error with the status of its code', async ({ another }) => {
    const harness = await another()
    await harness.db.query(`set request.method = 'POST'`)
    const reason = await refusal(ask(harness, 'answer_error', words))

    expect(reason.code).toBe('PGRST')
    expect(JSON.parse(reason.message)).toEqual({
      code: 'SQ404',
      message: 'there is "none"',
      details: null,
      hint: 'look',
    })
    expect(JSON.parse(reason.detail!)).toEqual({ status: 404, headers: {} })
  })

  test('says in a header when to try again', async ({ another }) => {
    const harness = await another()
    await harness.db.query(`set request.method = 'POST'`)
    const reason = await refusal(ask(harness, 'answer_error', { ...words, code: 'SQ429', detail: '7' }))

    expect(JSON.parse(reason.message)).toMatchObject({ details: '7' })
    expect(JSON.parse(reason.detail!)).toEqual({ status: 429, headers: { 'Retry-After': '7' } })
  })

  test('leaves errors of PostgreSQL alone, and everything outside of a request', async ({ another }) => {
    const harness = await another()
    await ask(harness, 'answer_error', words)
    await harness.db.query(`set request.method = 'POST'`)

    await expect(ask(harness, 'answer_error', { ...words, code: '23505' })).resolves.toBeDefined()
    await expect(ask(harness, 'answer_error', { ...words, code: 'SQ503x' })).resolves.toBeDefined()
  })
})
