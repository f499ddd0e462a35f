import { describe, expect, test } from 'vitest'
import { handle } from '../../../examples/supabase/functions/read-paragraph/handle.ts'

const call = (payload: unknown, headers: Record<string, string> = {}) =>
  handle(new Request('http://localhost/read-paragraph', { method: 'POST', headers, body: JSON.stringify(payload) }))

describe('read-paragraph', () => {
  test('answers what there is to count, and when it began and ended', async () => {
    const before = Date.now()

    const response = await call({ text: 'The cat sat on the mat. It was happy.', takes_ms: 20 })

    expect(response.status).toBe(200)
    const { began_at, ended_at, ...reading } = await response.json()
    expect(reading).toEqual({ words: 9, sentences: 2, readability: 100, key_phrases: ['cat sat', 'mat', 'happy'] })
    expect(began_at).toBeGreaterThanOrEqual(before)
    expect(ended_at - began_at).toBeGreaterThanOrEqual(19)
  })

  test.each([['1', 500], ['2', 500], ['3', 200]])(
    'asked to fail twice, it answers attempt %s with %i',
    async (n, status) => {
      const response = await call({ text: 'A word.', failing_attempts: 2 }, { 'supaqueue-attempt': n })

      expect(response.status).toBe(status)
    },
  )

  test('refuses what has no word in it', async () => {
    const response = await call({ text: '* * *' })

    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({ error: 'there is nothing to read' })
  })
})
