import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

test('take_publication publishes with all that publish takes', async ({ house }) => {
  const queue = await house.queue()
  const topic = randomUUID()
  await ask(house, 'subscribe', { pattern: topic, queue })

  const { ids: [id] } = await ask(house, 'take_publication', {
    topic,
    request: { payload: { n: 1 }, dedupe_key: 'k', concurrency_key: 'tenant', priority: 3, delay_ms: 60_000 },
  })

  const row = await house.jobRow(id)
  expect(row).toMatchObject({ payload: { n: 1 }, dedupe_key: 'k', concurrency_key: 'tenant', priority: 3 })
  expect(Number(row.run_at) - Number(row.created_at)).toBe(60_000)
  const { ids: [plain] } = await ask(house, 'take_publication', { topic, request: {} })
  const { created_at, run_at } = await house.jobRow(plain)
  expect(run_at).toEqual(created_at)
  expect(await ask(house, 'take_publication', { topic: randomUUID(), request: {} })).toEqual({ ids: [] })
})
