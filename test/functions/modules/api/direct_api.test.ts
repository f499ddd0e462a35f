import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('is what the HTTP API asks for, and nothing else', async ({ harness }) => {
  const ask = async (asked: string | null, given: object = {}) =>
    (await harness.db.query('select supaqueue_internal.direct_api($1, $2) as answer', [asked, JSON.stringify(given)]))
      .rows[0]
      .answer

  expect(await ask('answer_api', { route: 'getQueues' })).toEqual({ body: expect.any(String), replayed: false })
  expect(await ask('use_api_key', { hash: 'f'.repeat(64) })).toBe(null)
  expect(await ask('metrics')).toContain('# TYPE supaqueue_')
  for (const asked of ['sweep', 'answer_api(', '', null]) {
    await expect(ask(asked)).rejects.toMatchObject({ code: 'SQ404', hint: expect.stringContaining('installer') })
  }
})
