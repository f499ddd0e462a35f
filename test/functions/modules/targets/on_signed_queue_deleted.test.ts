import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { harness as harnessOf, test } from '../../../support/harness.ts'

const url = 'https://api.example.com/hook'

const open = async (database: TestDatabase, role?: 'admin') => {
  const harness = harnessOf(await database.connect(role))
  const secrets = async (): Promise<string[]> =>
    (await harness.db.query(`select name from vault.secrets where name not in ('supaqueue_secret') order by name`)).rows
      .map(({ name }) => name)
  const exists = async (queue: string): Promise<boolean> =>
    (await harness.db.query('select from supaqueue.queue where id = $1', [queue])).rowCount === 1
  return { harness, secrets, exists }
}

describe('the signing secrets of a queue', () => {
  test('go with it, those of others stay, and what it named of the user’s own', async ({ ownDatabase }) => {
    const { harness, secrets } = await open(ownDatabase)
    const [gone, kept] = [await harness.queue({ url }), await harness.queue({ url })]
    const naming = await harness.queue({ url, signing_secrets: ['mine'] })
    await harness.db.query(
      `select vault.create_secret('whsec_bWluZQ==', 'mine'), vault.create_secret('whsec_b2xk', $1)`,
      [`supaqueue_webhook_secret_${gone}_previous`],
    )

    await harness.delete('queue', gone)
    await harness.delete('queue', naming)

    expect(await secrets()).toEqual(['mine', `supaqueue_webhook_secret_${kept}`])
  })

  test('stay with a queue that a trigger of the user’s keeps from being deleted', async ({ ownDatabase }) => {
    const { harness, secrets, exists } = await open(ownDatabase)
    const admin = await ownDatabase.connect('admin')
    const queue = await harness.queue({ url })
    await admin.query(`
      create function public.keep() returns trigger language plpgsql as 'begin return null; end';
      create trigger zz_keep before delete on supaqueue.queue for each row execute function public.keep()`)

    await harness.delete('queue', queue)

    expect(await exists(queue)).toBe(true)
    expect(await secrets()).toEqual([`supaqueue_webhook_secret_${queue}`])
  })

  test('do not keep a queue where Vault is gone', async ({ ownDatabase }) => {
    const { harness, exists } = await open(ownDatabase)
    const queue = await harness.queue({ url })
    await (await ownDatabase.connect('admin')).query('drop schema vault cascade')

    await harness.delete('queue', queue)

    expect(await exists(queue)).toBe(false)
  })
})
