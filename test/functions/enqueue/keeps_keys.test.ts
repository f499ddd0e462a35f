import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../support/house.ts'

test('keeps_keys says of a queue whether a dedupe_key stays taken until its job is pruned', async ({ house, another }) => {
  const [finished, pruned] = [await house.queue(), await house.queue()]
  await house.update('queue', pruned, { dedupe_until: 'pruned' })
  const { db } = await another('admin')
  const keeps = async (queue: string) =>
    (await db.query('select supaqueue.keeps_keys($1) as kept', [queue])).rows[0].kept

  expect(await keeps(finished)).toBe(false)
  expect(await keeps(pruned)).toBe(true)
  expect(await keeps(randomUUID())).toBe(false)
})
