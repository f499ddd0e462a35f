import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

describe('list_queues', () => {
  test('leads page by page through all of them, by name', async ({ harness }) => {
    for (const name of ['c', 'a', 'b']) await harness.queue({ name, workers: 2 })

    const first = await ask(harness, 'list_queues', { filter: { limit: 2 } })
    const second = await ask(harness, 'list_queues', { filter: { limit: 2, after: first.next } })

    expect(first.queues.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
    expect(first.next).toBe('b')
    expect(second).toMatchObject({ queues: [{ name: 'c', workers: 2, workers_taken: 0 }], next: null })
  })

  test('shows nothing where there is nothing', async ({ harness }) => {
    expect(await ask(harness, 'list_queues', { filter: { after: 'zzz' } })).toEqual({ queues: [], next: null })
  })
})
