import { mostAtOnce, type Outcome } from './outcome.ts'
import { workers } from './plan.ts'

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
  paragraphs: {
    paragraph: number
    text: string
    door: string
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

/** Sums the demo up. `ok` is true only if every job ended as it should and never too many ran at once. */
export function summarize(
  { file, leftOut }: Source,
  outcomes: Outcome[],
  { startedInMs, workedForMs }: Times,
): Summary {
  const most = mostAtOnce(outcomes.flatMap(({ reading }) => reading ?? []))
  const ended = (status: string) => outcomes.filter((outcome) => outcome.status === status).length
  return {
    ok: most <= workers && outcomes.every(({ asExpected }) => asExpected),
    file,
    paragraphs_left_out: leftOut,
    jobs: outcomes.length,
    success: ended('success'),
    failed: ended('failed'),
    workers,
    most_at_once: most,
    started_in_ms: Math.round(startedInMs),
    worked_for_ms: Math.round(workedForMs),
    jobs_per_second: Number((outcomes.length / workedForMs * 1000).toFixed(1)),
    paragraphs: outcomes.map(({ payload, door, status, attempts, asExpected, error, reading }) => ({
      paragraph: payload.paragraph,
      text: payload.text,
      door,
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
