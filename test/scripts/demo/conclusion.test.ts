import { describe, expect, test } from 'vitest'
import { conclusion } from '../../../scripts/demo/conclusion.ts'
import { summarize } from '../../../scripts/demo/summary.ts'
import { hopeless, outcome, ran } from './support/outcomes.ts'

const conclude = (...outcomes: ReturnType<typeof outcome>[]) =>
  conclusion(summarize({ file: 'notes.txt', leftOut: 2 }, ran(outcomes)), outcomes)

describe('the conclusion', () => {
  test('says that all is well, and tells of the two that were meant to fail', () => {
    const unlucky = outcome(2, { expected: { status: 'success', attempts: 3 }, attempts: 3 })

    expect(conclude(outcome(1), unlucky, hopeless(3))).toEqual([
      '5 jobs in 2.0 s, 2.5 a second: 4 success, 1 failed. All ended as they should.',
      'At most 1 ran at once, counted at the function; their queue has 3 workers.',
      'The first job found 3 paragraphs; the last one waited for them: 8 words in 2 sentences, readability 72, ' +
      '1 not to be read, mostly about paragraph.',
      'Job 2 was made to fail twice: it was tried again, and succeeded with attempt 3.',
      'Job 3 has nothing to read in it: it failed for good after 3 attempts, with HTTP 422',
    ])
  })

  test('names each job that ended otherwise than it should, with its error', () => {
    const failed = outcome(1, { status: 'failed', attempts: 3, error: 'HTTP 500', asExpected: false })

    expect(conclude(failed, hopeless(2))).toEqual(expect.arrayContaining([
      expect.stringMatching(/NOT all is as it should be\.$/),
      'Job 1 is failed after 3 attempts: HTTP 500',
    ]))
  })

  test('says when the last job did not run', () => {
    const outcomes = [outcome(1), hopeless(2)]
    const cancelled = ran(outcomes, { merge: { status: 'cancelled', error: 'job 1 failed', result: undefined } })

    expect(conclusion(summarize({ file: 'notes.txt', leftOut: 0 }, cancelled), outcomes)).toContain(
      'The first job found 2 paragraphs; the last one waited for them: it did not run.',
    )
  })
})
