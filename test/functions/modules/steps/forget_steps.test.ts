import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

const forget = async (house: House, ...values: unknown[]) =>
  (await house.db.query(
    `select supaqueue.forget_steps(${values.map((_, i) => `$${i + 1}`).join(', ')}) as answer`,
    values,
  ))
    .rows[0].answer

const parked = async (house: House) => {
  const { queue, job, run, token } = await called(house)
  await steps(house).note(token, ['a', 'b', 'c'].map((name) => ({ name })))
  await house.report(run, queue, [token], 'parked')
  return job
}
const names = async (house: House, job: number) => (await steps(house).rows(job)).map(({ name }) => name)

describe('forget_steps', () => {
  test('forgets those from one on, that one alone, or all', async ({ house }) => {
    const [from, alone, all] = [await parked(house), await parked(house), await parked(house)]

    expect(await forget(house, from, 'b')).toBe(2)
    expect(await forget(house, alone, 'b', false)).toBe(1)
    expect(await forget(house, all)).toBe(3)

    expect(await names(house, from)).toEqual(['a'])
    expect(await names(house, alone)).toEqual(['a', 'c'])
    expect(await names(house, all)).toEqual([])
  })

  test('is refused for a job in progress, one that is not there, and a step that is not', async ({ house }) => {
    const { job } = await called(house)

    expect(await refusal(forget(house, job))).toMatchObject({ code: 'SQ409' })
    expect(await refusal(forget(house, 0))).toMatchObject({ code: 'SQ404' })
    expect(await refusal(forget(house, await parked(house), 'z'))).toMatchObject({ code: 'SQ404' })
  })
})
