import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, house as houseOf, test } from '../../../support/house.ts'

/** What a turn brings besides the one job of a queue. */
async function secretsFor(house: House, settings: Parameters<House['queue']>[0]) {
  const queue = await house.queue({ workers: 1, ...settings })
  await house.job(queue)
  const answer = await house.turn(randomUUID(), queue, { room: 1 })
  expect(answer.jobs).toHaveLength(1)
  return answer.secrets
}

/** A secret of the test's own. */
async function secret(house: House, value: string): Promise<string> {
  const name = `key-${randomUUID()}`
  await house.secret(name, value)
  return name
}

const url = 'https://api.example.com/hook'

describe('the secrets that come with jobs', () => {
  test('are none when the queue needs none: calls to a function are signed otherwise', async ({ house }) => {
    const signing = await secret(house, 'whsec_c2lnbg==')

    const found = await secretsFor(house, { signing_secrets: [signing], default_headers: { 'x-team': 'mail' } })

    expect(found).toBe(null)
  })

  test('are those that the headers of the queue name, and no others', async ({ house }) => {
    const [stripe, other] = [await secret(house, 'sk_live'), await secret(house, 'not asked for')]

    const found = await secretsFor(house, {
      default_headers: {
        'x-key': `vault:${stripe}`,
        'x-note': `see vault:${other}`,
        'x-like': `value:${other}`,
        [other]: 'vault',
      },
    })

    expect(found).toEqual({ [stripe]: 'sk_live' })
  })

  test('are those that sign, where a URL is called, beside those of its headers', async ({ house }) => {
    const [fresh, old, key] = [await secret(house, 'fresh'), await secret(house, 'old'), await secret(house, 'key')]

    const found = await secretsFor(house, {
      url,
      signing_secrets: [fresh, old],
      default_headers: { authorization: `vault:${key}` },
    })

    expect(found).toEqual({ [fresh]: 'fresh', [old]: 'old', [key]: 'key' })
  })

  test('are without those that Vault does not have', async ({ house }) => {
    const there = await secret(house, 'there')

    expect(await secretsFor(house, { default_headers: { a: `vault:${there}`, b: 'vault:nowhere' } })).toEqual({
      [there]: 'there',
    })
    expect(await secretsFor(house, { default_headers: { b: 'vault:nowhere' } })).toEqual({})
  })

  test('do not come without a job', async ({ house }) => {
    const name = await secret(house, 'quiet')
    const queue = await house.queue({ workers: 1, default_headers: { a: `vault:${name}` } })

    expect(await house.turn(randomUUID(), queue, { room: 1 })).toMatchObject({ jobs: [], secrets: null })
  })

  test('are all missing without Vault, and the jobs come all the same', async ({ ownDatabase }) => {
    const admin = houseOf(await ownDatabase.connect('admin'))
    const house = houseOf(await ownDatabase.connect())
    await admin.db.query('drop schema vault cascade')

    expect(await secretsFor(house, { url, default_headers: { a: 'vault:gone' } })).toEqual({})
  })
})
