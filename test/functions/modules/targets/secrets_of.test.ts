import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

/** What a turn brings besides the one job of a queue. */
async function secretsFor(harness: Harness, settings: Parameters<Harness['queue']>[0]) {
  const queue = await harness.queue({ workers: 1, ...settings })
  await harness.job(queue)
  const answer = await harness.turn(randomUUID(), queue, { room: 1 })
  expect(answer.jobs).toHaveLength(1)
  return answer.secrets
}

/** A secret of the test's own. */
async function secret(harness: Harness, value: string): Promise<string> {
  const name = `key-${randomUUID()}`
  await harness.secret(name, value)
  return name
}

const url = 'https://api.example.com/hook'

describe('the secrets that come with jobs', () => {
  test('are none when the queue needs none: calls to a function are signed otherwise', async ({ harness }) => {
    const signing = await secret(harness, 'whsec_c2lnbg==')

    const found = await secretsFor(harness, { signing_secrets: [signing], default_headers: { 'x-team': 'mail' } })

    expect(found).toBe(null)
  })

  test('are those that the headers of the queue name, and no others', async ({ harness }) => {
    const [stripe, other] = [await secret(harness, 'sk_live'), await secret(harness, 'not asked for')]

    const found = await secretsFor(harness, {
      default_headers: {
        'x-key': `vault:${stripe}`,
        'x-note': `see vault:${other}`,
        'x-like': `value:${other}`,
        [other]: 'vault',
      },
    })

    expect(found).toEqual({ [stripe]: 'sk_live' })
  })

  test('are those that sign, where a URL is called, beside those of its headers', async ({ harness }) => {
    const [fresh, old, key] = [
      await secret(harness, 'fresh'),
      await secret(harness, 'old'),
      await secret(harness, 'key'),
    ]

    const found = await secretsFor(harness, {
      url,
      signing_secrets: [fresh, old],
      default_headers: { authorization: `vault:${key}` },
    })

    expect(found).toEqual({ [fresh]: 'fresh', [old]: 'old', [key]: 'key' })
  })

  test('are without those that Vault does not have', async ({ harness }) => {
    const there = await secret(harness, 'there')

    expect(await secretsFor(harness, { default_headers: { a: `vault:${there}`, b: 'vault:nowhere' } })).toEqual({
      [there]: 'there',
    })
    expect(await secretsFor(harness, { default_headers: { b: 'vault:nowhere' } })).toEqual({})
  })

  test('do not come without a job', async ({ harness }) => {
    const name = await secret(harness, 'quiet')
    const queue = await harness.queue({ workers: 1, default_headers: { a: `vault:${name}` } })

    expect(await harness.turn(randomUUID(), queue, { room: 1 })).toMatchObject({ jobs: [], secrets: null })
  })

  test('are all missing without Vault, and the jobs come all the same', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const harness = harnessOf(await ownDatabase.connect())
    await admin.db.query('drop schema vault cascade')

    expect(await secretsFor(harness, { url, default_headers: { a: 'vault:gone' } })).toEqual({})
  })
})
