import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

test('take_publication publishes with all that publish takes', async ({ harness }) => {
  const queue = await harness.queue()
  const topic = randomUUID()
  await ask(harness, 'subscribe', { pattern: topic, queue })

  const { ids: [id] } = await ask(harness, 'take_publication', {
    topic,
    request: { payload: { n: 1 }, dedupe_key: 'k', concurrency_key: 'tenant', priority: 3, delay_ms: 60_000 },
  })

  const row = await harness.jobRow(id)
  expect(row).toMatchObject({ payload: { n: 1 }, dedupe_key: 'k', concurrency_key: 'tenant', priority: 3 })
  expect(Number(row.run_at) - Number(row.created_at)).toBe(60_000)
  const { ids: [plain] } = await ask(harness, 'take_publication', { topic, request: {} })
  const { created_at, run_at } = await harness.jobRow(plain)
  expect(run_at).toEqual(created_at)
  expect(await ask(harness, 'take_publication', { topic: randomUUID(), request: {} })).toEqual({ ids: [] })
})
