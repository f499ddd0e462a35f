import { describe, expect, test } from 'vitest'
import { planJobs } from '../../../examples/supabase/functions/split-document/plan.ts'

const texts = (count: number) => Array.from({ length: count }, (_, index) => `Paragraph ${index + 1}.`)

describe('the plan of the demo', () => {
  test('has one job for each paragraph, and one more that cannot succeed', () => {
    const jobs = planJobs(texts(3))

    expect(jobs.map(({ payload, expected }) => [payload.paragraph, payload.text, expected.status])).toEqual([
      [1, 'Paragraph 1.', 'success'],
      [2, 'Paragraph 2.', 'success'],
      [3, 'Paragraph 3.', 'success'],
      [4, '* * *', 'failed'],
    ])
  })

  test.each([1, 2, 30])('with %i paragraphs, exactly one fails twice and succeeds', (count) => {
    const unlucky = planJobs(texts(count)).filter(({ payload }) => payload.failing_attempts)

    expect(unlucky).toMatchObject([{ payload: { failing_attempts: 2 }, expected: { status: 'success', attempts: 3 } }])
  })

  test('keeps a long text short: at most 500 paragraphs, and at most some seconds of pretended work', () => {
    const jobs = planJobs(texts(5000))

    expect(jobs).toHaveLength(501)
    expect(jobs.reduce((sum, { payload }) => sum + payload.takes_ms!, 0)).toBeLessThan(3 * 8000)
  })
})
