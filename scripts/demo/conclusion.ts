import { packed } from '../cli/place.ts'
import type { Outcome } from './outcome.ts'
import type { Summary } from './summary.ts'

/** What a person wants to know at the end, in words. */
export function conclusion(summary: Summary, outcomes: Outcome[]): string[] {
  const { ok, merged, split_into, jobs, success, failed, workers, most_at_once, worked_for_ms, jobs_per_second } =
    summary
  return [
    `${jobs} jobs in ${(worked_for_ms / 1000).toFixed(1)} s, ${jobs_per_second} a second: ` +
    `${success} success, ${failed} failed. ${ok ? 'All ended as they should.' : 'NOT all is as it should be.'}`,
    `At most ${most_at_once} ran at once, counted at the function; their queue has ${workers} workers.`,
    `The first job found ${split_into ?? 'no'} paragraphs; the last one waited for them: ${inOneLine(merged)}`,
    ...outcomes.flatMap(inWords),
  ]
}

function inOneLine(merged: Summary['merged']): string {
  if (!merged) return 'it did not run.'
  const { words, sentences, readability, unread, key_phrases } = merged
  return `${words} words in ${sentences} sentences, readability ${
    readability ?? '-'
  }, ${unread.length} not to be read, ` +
    `mostly about ${key_phrases.slice(0, 3).join(', ') || 'nothing'}.`
}

function inWords({ payload: { paragraph }, expected, asExpected, status, attempts, error }: Outcome): string[] {
  const tries = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
  if (!asExpected) return [`Job ${paragraph} is ${status} after ${tries}: ${error ?? 'no error was noted'}`]
  if (expected.attempts === undefined) return []
  return expected.status === 'success'
    ? [`Job ${paragraph} was made to fail twice: it was tried again, and succeeded with attempt ${attempts}.`]
    : [`Job ${paragraph} has nothing to read in it: it failed for good after ${tries}, with ${error}`]
}

/** The test is in a clone alone. */
export const whatNext = [
  'What to try next:',
  '  npx --yes pnpm demo notes.txt   the same with a text of yours',
  '  npx --yes pnpm dev              a stack that stays, for psql, supabase-js and your own functions',
  ...packed ? [] : ['  test/walk.test.ts               the story of one job, step by step'],
].join('\n')
