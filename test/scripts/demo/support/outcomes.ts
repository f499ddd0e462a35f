import type { Outcome, Stages } from '../../../../scripts/demo/outcome.ts'

/** An outcome as it should be, apart from what the test says. */
export const outcome = (paragraph: number, changes: Partial<Outcome> = {}): Outcome => ({
  payload: { paragraph, text: `This is paragraph ${paragraph}.` },
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

/** What a demo that ended as it should brings, apart from what the test says. */
export const ran = (outcomes: Outcome[], changes: Partial<Stages> = {}) => ({
  outcomes,
  stages: {
    split: { status: 'success', error: null, result: { paragraphs: outcomes.length } },
    merge: {
      status: 'success',
      error: null,
      result: {
        paragraphs: outcomes.length,
        unread: [3],
        words: 8,
        sentences: 2,
        readability: 72,
        hardest_paragraph: 1,
        key_phrases: ['paragraph'],
        began_at: 100,
      },
    },
    ...changes,
  },
  times: { startedInMs: 1234.5, workedForMs: 2000 },
})
