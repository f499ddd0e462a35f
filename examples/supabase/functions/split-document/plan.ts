import type { Payload } from '../read-paragraph/handle.ts'

/** One job for a paragraph: what is sent, and how it should end. */
export type PlannedJob = {
  payload: Payload & { paragraph: number }
  expected: { status: 'success' | 'failed'; attempts?: number }
}

export const workers = 3
export const maxAttempts = 3

// With more, the demo would be no demo.
export const mostParagraphs = 500

/** One job for each paragraph up to the limit, of which one fails twice, and one more with nothing to read in it, which cannot succeed. */
export function planJobs(paragraphs: string[]): PlannedJob[] {
  const texts = paragraphs.slice(0, mostParagraphs)
  const unlucky = Math.floor(texts.length / 2)
  // Slow enough to see three at work, and done in a few seconds.
  const takes_ms = Math.min(150, Math.round(6000 * workers / texts.length))

  const jobs = texts.map((text, index): PlannedJob => ({
    payload: { paragraph: index + 1, text, takes_ms, ...(index === unlucky && { failing_attempts: maxAttempts - 1 }) },
    expected: { status: 'success', ...(index === unlucky && { attempts: maxAttempts }) },
  }))
  const hopeless: PlannedJob = {
    payload: { paragraph: jobs.length + 1, text: '* * *', takes_ms },
    expected: { status: 'failed', attempts: maxAttempts },
  }
  return [...jobs, hopeless]
}
