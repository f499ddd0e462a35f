import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('the calls of a queue are signed by a secret of its own, or by those that it names', async ({ house }) => {
  const url = 'https://api.example.com/'
  const [own, named] = [
    await house.queue({ url, workers: 1 }),
    await house.queue({ url, workers: 1, signing_secrets: ['mine'] }),
  ]
  const signing = async (queue: string) => {
    await house.job(queue)
    return (await house.turn(randomUUID(), queue, { room: 1 })).queue!.signing_secrets
  }

  expect(await signing(own)).toEqual([`supaqueue_webhook_secret_${own}`, `supaqueue_webhook_secret_${own}_previous`])
  expect(await signing(named)).toEqual(['mine'])
})
