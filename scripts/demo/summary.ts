import type { Merged } from '../../examples/supabase/functions/merge-readings/handle.ts'
import { workers } from '../../examples/supabase/functions/split-document/plan.ts'
import { mostAtOnce, type Outcome, type Stages } from './outcome.ts'

/** Everything there is to say about a demo that came to its end. Times in milliseconds. */
export type Summary = {
  ok: boolean
  file: string
  /** Of the text, because they were too many. */
  paragraphs_left_out: number
  jobs: number
  success: number
  failed: number
  workers: number
  most_at_once: number
  started_in_ms: number
  worked_for_ms: number
  jobs_per_second: number
  /** How many paragraphs the first job found, and what the last one made of all that was read; null if it did not. */
  split_into: number | null
  merged: Merged | null
  paragraphs: {
    paragraph: number
    text: string
    status: string
    attempts: number
    as_expected: boolean
    error: string | null
    words: number | null
    sentences: number | null
    readability: number | null
    key_phrases: string[]
  }[]
}

export type Times = { startedInMs: number; workedForMs: number }

/** The text that was read, and how many of its paragraphs were too many. */
export type Source = { file: string; leftOut: number }

/**
 * Sums the demo up. `ok` is true only if every job ended as it should, never too many ran at once, and the last one
 * began when all of them had ended.
 */
export function summarize(
  { file, leftOut }: Source,
  { outcomes, stages: { split, merge }, times: { startedInMs, workedForMs } }: {
    outcomes: Outcome[]
    stages: Stages
    times: Times
  },
): Summary {
  const all = [...outcomes, split, merge]
  const lastEnd = Math.max(...outcomes.map(({ reading }) => reading?.ended_at ?? -Infinity))
  const most = mostAtOnce(outcomes.flatMap(({ reading }) => reading ?? []))
  const ended = (status: string) => all.filter((job) => job.status === status).length
  return {
    ok: most <= workers && outcomes.every(({ asExpected }) => asExpected) &&
      split.result?.paragraphs === outcomes.length && merge.result?.paragraphs === outcomes.length &&
      merge.result.began_at >= lastEnd,
    file,
    paragraphs_left_out: leftOut,
    jobs: all.length,
    success: ended('success'),
    failed: ended('failed'),
    workers,
    most_at_once: most,
    started_in_ms: Math.round(startedInMs),
    worked_for_ms: Math.round(workedForMs),
    jobs_per_second: Number((all.length / workedForMs * 1000).toFixed(1)),
    split_into: split.result?.paragraphs ?? null,
    merged: merge.result ?? null,
    paragraphs: outcomes.map(({ payload, status, attempts, asExpected, error, reading }) => ({
      paragraph: payload.paragraph,
      text: payload.text,
      status,
      attempts,
      as_expected: asExpected,
      error,
      words: reading?.words ?? null,
      sentences: reading?.sentences ?? null,
      readability: reading?.readability ?? null,
      key_phrases: reading?.key_phrases ?? [],
    })),
  }
}
