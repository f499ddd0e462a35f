import { describe, expect, test } from 'vitest'
import { summarize } from '../../../scripts/demo/summary.ts'
import { hopeless, outcome } from './support/outcomes.ts'

const times = { startedInMs: 1234.5, workedForMs: 2000 }

describe('the summary', () => {
  test('counts what there is to count', () => {
    expect(summarize({ file: 'notes.txt', leftOut: 2 }, [outcome(1), outcome(2), hopeless(3)], times)).toMatchObject({
      ok: true,
      file: 'notes.txt',
      paragraphs_left_out: 2,
      jobs: 3,
      success: 2,
      failed: 1,
      started_in_ms: 1235,
      worked_for_ms: 2000,
      jobs_per_second: 1.5,
      paragraphs: [
        { paragraph: 1, status: 'success', words: 4, key_phrases: ['paragraph'] },
        { paragraph: 2, status: 'success' },
        { paragraph: 3, status: 'failed', words: null, key_phrases: [], error: 'HTTP 422' },
      ],
    })
  })

  test('is not ok when one job ended otherwise than it should', () => {
    const failed = outcome(2, { status: 'failed', asExpected: false })

    expect(summarize({ file: 'notes.txt', leftOut: 2 }, [outcome(1), failed, hopeless(3)], times).ok).toBe(false)
  })

  test('is not ok when more ran at once than there are workers', () => {
    const reading = { words: 1, sentences: 1, readability: 1, key_phrases: [], began_at: 0, ended_at: 10 }
    const crowd = [1, 2, 3, 4].map((paragraph) => outcome(paragraph, { reading }))

    expect(summarize({ file: 'notes.txt', leftOut: 2 }, crowd, times)).toMatchObject({
      ok: false,
      most_at_once: 4,
      workers: 3,
    })
    expect(summarize({ file: 'notes.txt', leftOut: 2 }, crowd.slice(1), times)).toMatchObject({
      ok: true,
      most_at_once: 3,
    })
  })
})
