import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

const forget = async (harness: Harness, ...values: unknown[]) =>
  (await harness.db.query(
    `select supaqueue.forget_steps(${values.map((_, i) => `$${i + 1}`).join(', ')}) as answer`,
    values,
  ))
    .rows[0].answer

const parked = async (harness: Harness) => {
  const { queue, job, run, token } = await called(harness)
  await steps(harness).note(token, ['a', 'b', 'c'].map((name) => ({ name })))
  await harness.report(run, queue, [token], 'parked')
  return job
}
const names = async (harness: Harness, job: number) => (await steps(harness).rows(job)).map(({ name }) => name)

describe('forget_steps', () => {
  test('forgets those from one on, that one alone, or all', async ({ harness }) => {
    const [from, alone, all] = [await parked(harness), await parked(harness), await parked(harness)]

    expect(await forget(harness, from, 'b')).toBe(2)
    expect(await forget(harness, alone, 'b', false)).toBe(1)
    expect(await forget(harness, all)).toBe(3)

    expect(await names(harness, from)).toEqual(['a'])
    expect(await names(harness, alone)).toEqual(['a', 'c'])
    expect(await names(harness, all)).toEqual([])
  })

  test('is refused for a job in progress, one that is not there, and a step that is not', async ({ harness }) => {
    const { job } = await called(harness)

    expect(await refusal(forget(harness, job))).toMatchObject({ code: 'SQ409' })
    expect(await refusal(forget(harness, 0))).toMatchObject({ code: 'SQ404' })
    expect(await refusal(forget(harness, await parked(harness), 'z'))).toMatchObject({ code: 'SQ404' })
  })
})
