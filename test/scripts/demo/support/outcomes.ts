import type { Outcome } from '../../../../scripts/demo/outcome.ts'

/** An outcome as it should be, apart from what the test says. */
export const outcome = (paragraph: number, changes: Partial<Outcome> = {}): Outcome => ({
  payload: { paragraph, text: `This is paragraph ${paragraph}.` },
  door: 'SQL',
  expected: { status: 'success' },
  status: 'success',
  attempts: 1,
  error: null,
  reading: {
    words: 4,
    sentences: 1,
    readability: 72,
    key_phrases: ['paragraph'],
    began_at: paragraph,
    ended_at: paragraph,
  },
  asExpected: true,
  ...changes,
})

/** One that was meant to fail, and did. */
export const hopeless = (paragraph: number): Outcome =>
  outcome(paragraph, {
    payload: { paragraph, text: '* * *' },
    expected: { status: 'failed', attempts: 3 },
    status: 'failed',
    attempts: 3,
    error: 'HTTP 422',
    reading: undefined,
  })
