import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

describe('the queue that a run is told of', () => {
  test('names the secrets that sign, its own where it names none', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, url: 'https://api.example.com/' })
    await harness.job(queue)

    const { queue: told } = await harness.turn(run, queue, { room: 1 })

    expect(told!.signing_secrets).toEqual([
      `supaqueue_webhook_secret_${queue}`,
      `supaqueue_webhook_secret_${queue}_previous`,
    ])
  })

  test('has all hosts that are allowed, and of many only those of its jobs', async ({ harness }) => {
    const hosts = (count: number) => Array.from({ length: count }, (_, n) => `h${n}.example.com`)
    const told = async (count: number) => {
      const queue = await harness.queue({ workers: 1, url: 'https://h0.example.com/', allowed_hosts: hosts(count) })
      await harness.job(queue, { url: 'https://h7.example.com:443/x' })
      return (await harness.turn(run, queue, { room: 1 })).queue!.allowed_hosts
    }

    expect(await told(100)).toEqual(hosts(100))
    expect(await told(101)).toEqual(['h7.example.com'])
  })
})
