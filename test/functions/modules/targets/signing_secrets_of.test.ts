import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('the calls of a queue are signed by a secret of its own, or by those that it names', async ({ harness }) => {
  const url = 'https://api.example.com/'
  const [own, named] = [
    await harness.queue({ url, workers: 1 }),
    await harness.queue({ url, workers: 1, signing_secrets: ['mine'] }),
  ]
  const signing = async (queue: string) => {
    await harness.job(queue)
    return (await harness.turn(randomUUID(), queue, { room: 1 })).queue!.signing_secrets
  }

  expect(await signing(own)).toEqual([`supaqueue_webhook_secret_${own}`, `supaqueue_webhook_secret_${own}_previous`])
  expect(await signing(named)).toEqual(['mine'])
})
