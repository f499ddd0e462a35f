import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'

const answer = async (harness: Harness, age: string): Promise<string> => {
  const key = randomUUID()
  await harness.db.query(
    `insert into supaqueue.api_answer (caller, key, created_at, request_hash, answer)
     values ('', $1, now() - $2::interval, '', '{}')`,
    [key, age],
  )
  return key
}

const keys = async (harness: Harness): Promise<string[]> =>
  (await harness.db.query('select key from supaqueue.api_answer')).rows.map((
    { key },
  ) => key)

describe('prune_api_answers', () => {
  test('deletes what is older than a day, oldest first, and nothing younger', async ({ harness }) => {
    const [young, old, older] = [
      await answer(harness, '23 hours'),
      await answer(harness, '25 hours'),
      await answer(harness, '3 days'),
    ]

    expect(await ask(harness, 'prune_api_answers', { most: 1 })).toBe(1)
    expect((await keys(harness)).sort()).toEqual([young, old].sort())
    expect(older).not.toBe(old)
    expect(await ask(harness, 'prune_api_answers')).toBe(1)
    expect(await keys(harness)).toEqual([young])
  })

  test('is part of what the sweep does', async ({ harness }) => {
    const old = await answer(harness, '25 hours')

    await harness.sweep()

    expect(await keys(harness)).not.toContain(old)
  })

  test('waits for nobody', async ({ harness, another }) => {
    await answer(harness, '25 hours')
    const other = await another()
    await other.db.query('begin')
    await other.db.query('select from supaqueue.api_answer for update')

    expect(await ask(harness, 'prune_api_answers')).toBe(0)
    await other.db.query('rollback')
  })
})
