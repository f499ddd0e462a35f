import { describe, expect, test } from 'vitest'
import { type Deps, runtime } from '../../../supabase/functions/_shared/supaqueue/deps.ts'
import { handle } from '../../../examples/supabase/functions/merge-readings/handle.ts'

/** Calls the function as job 18, whose sources brought these. */
async function merged(sources: unknown[]) {
  const asked: unknown[] = []
  const deps: Deps = {
    ...runtime,
    now: () => 1000,
    env: (name) => ({ SUPABASE_URL: 'http://localhost', SUPABASE_SECRET_KEY: 'sb_secret_x' })[name],
    fetch: async (url, init) => {
      asked.push(String(url).split('/').at(-1), await new Response(init!.body).json())
      return Response.json(sources)
    },
  }
  const headers = { 'supaqueue-job-id': '18' }
  const response = await handle(new Request('http://localhost', { method: 'POST', headers, body: '{}' }), deps)
  expect(asked).toEqual(['source_results', { job: 18 }])
  return await response.json()
}

const part = (paragraph: number, words: number, readability: number, key_phrases: string[]) => ({
  queue: 'paragraphs',
  status: 'success',
  payload: { paragraph },
  result: { words, sentences: 1, readability, key_phrases },
})

describe('merge-readings', () => {
  test('adds up what was read, weighs readability by words, and names the hardest and what could not be read', async () => {
    expect(
      await merged([
        { queue: 'documents', status: 'success', payload: {}, result: { paragraphs: 3 } },
        part(1, 30, 90, ['cat', 'mat']),
        part(2, 10, 50, ['mat']),
        { queue: 'paragraphs', status: 'failed', payload: { paragraph: 3 }, result: null },
      ]),
    ).toEqual({
      paragraphs: 3,
      unread: [3],
      words: 40,
      sentences: 2,
      readability: 80,
      hardest_paragraph: 2,
      key_phrases: ['mat', 'cat'],
      began_at: 1000,
    })
  })

  test('of nothing read makes nothing up', async () => {
    expect(await merged([])).toMatchObject({ paragraphs: 0, words: 0, readability: null, hardest_paragraph: null })
  })
})
