import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

describe('reserve_job_ids', () => {
  test('gives ids that ascend and that no other job gets', async ({ harness }) => {
    const queue = await harness.queue()

    const ids = (await ask(harness, 'reserve_job_ids', { most: 3 })).map(Number)
    const job = await harness.job(queue)

    expect(ids).toEqual([...ids].sort((a: number, b: number) => a - b))
    expect(new Set(ids).size).toBe(3)
    expect(job).toBeGreaterThan(ids[2])
  })

  test('gives none when none are wanted', async ({ harness }) => {
    expect(await ask(harness, 'reserve_job_ids', { most: 0 })).toEqual([])
  })
})
