import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'

const answer = async (house: House, age: string): Promise<string> => {
  const key = randomUUID()
  await house.db.query(
    `insert into supaqueue.api_answer (caller, key, created_at, request_hash, answer)
     values ('', $1, now() - $2::interval, '', '{}')`,
    [key, age],
  )
  return key
}

const keys = async (house: House): Promise<string[]> =>
  (await house.db.query('select key from supaqueue.api_answer')).rows.map((
    { key },
  ) => key)

describe('prune_api_answers', () => {
  test('deletes what is older than a day, oldest first, and nothing younger', async ({ house }) => {
    const [young, old, older] = [
      await answer(house, '23 hours'),
      await answer(house, '25 hours'),
      await answer(house, '3 days'),
    ]

    expect(await ask(house, 'prune_api_answers', { most: 1 })).toBe(1)
    expect((await keys(house)).sort()).toEqual([young, old].sort())
    expect(older).not.toBe(old)
    expect(await ask(house, 'prune_api_answers')).toBe(1)
    expect(await keys(house)).toEqual([young])
  })

  test('is part of what the sweep does', async ({ house }) => {
    const old = await answer(house, '25 hours')

    await house.sweep()

    expect(await keys(house)).not.toContain(old)
  })

  test('waits for nobody', async ({ house, another }) => {
    await answer(house, '25 hours')
    const other = await another()
    await other.db.query('begin')
    await other.db.query('select from supaqueue.api_answer for update')

    expect(await ask(house, 'prune_api_answers')).toBe(0)
    await other.db.query('rollback')
  })
})
