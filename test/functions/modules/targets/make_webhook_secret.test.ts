import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

const url = 'https://api.example.com/hook'

const secrets = async (harness: Harness): Promise<{ secret: string; description: string }[]> =>
  (await harness.db.query(
    `select decrypted_secret as secret, description from vault.decrypted_secrets where name like 'supaqueue_webhook_secret%' order by name`,
  )).rows

const open = async (database: TestDatabase, role?: 'admin') => harnessOf(await database.connect(role))

describe('the secret that signs the calls of a queue', () => {
  test('is made with the queue, as Standard Webhooks has it, and only for one that calls a URL', async ({ ownDatabase }) => {
    const harness = await open(ownDatabase)
    await harness.queue()
    expect(await secrets(harness)).toEqual([])

    await harness.queue({ url })

    const [made] = await secrets(harness)
    const [, base64 = ''] = /^whsec_(\S+)$/.exec(made!.secret) ?? []
    expect(Buffer.from(base64, 'base64')).toHaveLength(32)
    expect(Buffer.from(base64, 'base64').toString('base64')).toBe(base64)
    expect(made!.description).toMatch(/\S/)
  })

  test('is another one for every queue: no receiver can speak as another', async ({ ownDatabase }) => {
    const harness = await open(ownDatabase)
    await harness.queue({ url })
    await harness.queue({ url })

    const [one, other] = await secrets(harness)
    expect(one!.secret).not.toBe(other!.secret)
  })

  test('is not made for a queue that names its own, or is not signed', async ({ ownDatabase }) => {
    const harness = await open(ownDatabase)
    await harness.queue({ url, signing_secrets: ['mine'] })
    await harness.queue({ url, signing_secrets: [] })

    expect(await secrets(harness)).toEqual([])
  })

  test('goes with its queue', async ({ ownDatabase }) => {
    const harness = await open(ownDatabase)
    const queue = await harness.queue({ url })

    await harness.delete('queue', queue)

    expect(await secrets(harness)).toEqual([])
  })

  test('cannot be made without Vault: the queue is made all the same, with a warning of what to do', async ({ ownDatabase }) => {
    const [harness, admin] = [await open(ownDatabase), await open(ownDatabase, 'admin')]
    await admin.db.query('drop schema vault cascade')

    let queue = ''
    const warnings = await harness.warnings(async () => queue = await harness.queue({ url }))

    expect(warnings).toEqual([expect.objectContaining({
      code: 'SQ503',
      message: expect.stringContaining('"vault.decrypted_secrets" does not exist'),
      hint: expect.stringContaining('vault.create_secret'),
    })])
    expect(await harness.circuit(queue)).toMatchObject({ failures: 0 })
  })
})
