import { describe, expect, test } from 'vitest'
import { summarize } from '../../../scripts/demo/summary.ts'
import { hopeless, outcome, ran } from './support/outcomes.ts'

describe('the summary', () => {
  test('counts what there is to count', () => {
    expect(summarize({ file: 'notes.txt', leftOut: 2 }, ran([outcome(1), outcome(2), hopeless(3)]))).toMatchObject({
      ok: true,
      file: 'notes.txt',
      paragraphs_left_out: 2,
      jobs: 5,
      success: 4,
      failed: 1,
      started_in_ms: 1235,
      worked_for_ms: 2000,
      jobs_per_second: 2.5,
      split_into: 3,
      merged: { paragraphs: 3, words: 8 },
      paragraphs: [
        { paragraph: 1, status: 'success', words: 4, key_phrases: ['paragraph'] },
        { paragraph: 2, status: 'success' },
        { paragraph: 3, status: 'failed', words: null, key_phrases: [], error: 'HTTP 422' },
      ],
    })
  })

  test('is not ok when one job ended otherwise than it should', () => {
    const failed = outcome(2, { status: 'failed', asExpected: false })

    expect(summarize({ file: 'notes.txt', leftOut: 2 }, ran([outcome(1), failed, hopeless(3)])).ok).toBe(false)
  })

  test('is not ok when more ran at once than there are workers', () => {
    const reading = { words: 1, sentences: 1, readability: 1, key_phrases: [], began_at: 0, ended_at: 10 }
    const crowd = [1, 2, 3, 4].map((paragraph) => outcome(paragraph, { reading }))

    expect(summarize({ file: 'notes.txt', leftOut: 2 }, ran(crowd))).toMatchObject({
      ok: false,
      most_at_once: 4,
      workers: 3,
    })
    expect(summarize({ file: 'notes.txt', leftOut: 2 }, ran(crowd.slice(1)))).toMatchObject({
      ok: true,
      most_at_once: 3,
    })
  })

  test('is not ok when the last job began before a paragraph was read, did not run, or missed one', () => {
    const outcomes = [outcome(1), hopeless(2)]
    const source = { file: 'notes.txt', leftOut: 0 }
    const merge = ran(outcomes).stages.merge
    const merged = (changes: object) => ran(outcomes, { merge: { ...merge, result: { ...merge.result!, ...changes } } })

    expect(summarize(source, ran(outcomes)).ok).toBe(true)
    expect(summarize(source, merged({ began_at: 0 })).ok).toBe(false)
    expect(summarize(source, merged({ paragraphs: 1 })).ok).toBe(false)
    expect(summarize(source, ran(outcomes, { merge: { status: 'cancelled', error: null, result: undefined } })).ok)
      .toBe(false)
  })
})
