import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { type House, house as houseOf, test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

const url = 'https://api.example.com/hook'

const secrets = async (house: House): Promise<{ secret: string; description: string }[]> =>
  (await house.db.query(
    `select decrypted_secret as secret, description from vault.decrypted_secrets where name = 'supaqueue_webhook_secret'`,
  )).rows

const open = async (database: TestDatabase, role?: 'admin') => houseOf(await database.connect(role))

describe('the secret that calls to URLs are signed with', () => {
  test('is made with the first queue that calls a URL, as Standard Webhooks has it', async ({ ownDatabase }) => {
    const house = await open(ownDatabase)
    await house.queue()
    expect(await secrets(house)).toEqual([])

    await house.queue({ url })

    const [made] = await secrets(house)
    const [, base64 = ''] = /^whsec_(\S+)$/.exec(made!.secret) ?? []
    expect(Buffer.from(base64, 'base64')).toHaveLength(32)
    expect(Buffer.from(base64, 'base64').toString('base64')).toBe(base64)
    expect(made!.description).toMatch(/\S/)
  })

  test('is kept by the queues that follow, also when the user chose it', async ({ ownDatabase }) => {
    const house = await open(ownDatabase)
    await house.secret('supaqueue_webhook_secret', 'whsec_b2YgbXkgb3du')

    const warnings = await house.warnings(async () => {
      await house.queue({ url })
      await house.queue({ url })
    })

    expect(warnings).toEqual([])
    expect(await secrets(house)).toEqual([{ secret: 'whsec_b2YgbXkgb3du', description: '' }])
  })

  test('is another one in every project', async ({ ownDatabase, house }) => {
    const other = await open(ownDatabase)
    await house.queue({ url })
    await other.queue({ url })

    expect((await secrets(house))[0]!.secret).not.toBe((await secrets(other))[0]!.secret)
  })

  test('is made once by two that make a queue at the same time, and neither is warned', async ({ ownDatabase }) => {
    const [house, other] = [await open(ownDatabase), await open(ownDatabase)]

    const warnings = await other.warnings(async () => {
      await house.begin()
      await house.queue({ url })
      const second = other.queue({ url })
      await until(() => house.isBlocked(other))
      await house.commit()
      await second
    })

    expect(warnings).toEqual([])
    expect(await secrets(house)).toHaveLength(1)
  })

  test('cannot be made without Vault: the queue is made all the same, with a warning of what to do', async ({ ownDatabase }) => {
    const [house, admin] = [await open(ownDatabase), await open(ownDatabase, 'admin')]
    await admin.db.query('drop schema vault cascade')

    let queue = ''
    const warnings = await house.warnings(async () => queue = await house.queue({ url }))

    expect(warnings).toEqual([expect.objectContaining({
      code: 'SQ503',
      message: expect.stringContaining('"vault.decrypted_secrets" does not exist'),
      hint: expect.stringContaining('vault.create_secret'),
    })])
    expect(await house.circuit(queue)).toMatchObject({ failures: 0 })
  })
})
