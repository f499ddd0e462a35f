import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { refusal, standing, value } from '../support/standing.ts'

describe('the stand-in for Vault', () => {
  let harness: Awaited<ReturnType<typeof standing>>
  let owner: pg.Client

  const create = (secret: string, name: string | null = null) =>
    value<string>(owner, 'select vault.create_secret($1, $2)', [secret, name])
  const as = async (role: string) => {
    const client = await harness.connect(harness.postgres.ownerUrl)
    await client.query(`set role ${role}`)
    return client
  }

  beforeAll(async () => {
    harness = await standing(17)
    owner = await harness.connect(harness.postgres.ownerUrl)
  })
  afterAll(() => harness.close())
  afterEach(() => owner.query('delete from vault.secrets'))

  test('keeps a secret in cipher and shows it in clear', async () => {
    const id = await create('héllo', 'greeting')

    const { rows } = await owner.query('select * from vault.decrypted_secrets')

    expect(rows).toMatchObject([{ id, name: 'greeting', description: '', decrypted_secret: 'héllo', key_id: null }])
    expect(await value(owner, 'select secret from vault.secrets')).not.toContain('llo')
    expect(Buffer.from(rows[0].secret, 'base64').toString('latin1')).not.toContain('llo')
  })

  test('has one secret of a name, and any number without one', async () => {
    await create('a', 'name')
    await create('b')
    await create('c')

    expect(await refusal(owner, `select vault.create_secret('d', 'name')`)).toMatchObject({ code: '23505' })
  })

  test('changes what is given, and keeps the rest', async () => {
    const id = await create('old', 'name')

    await owner.query(`select vault.update_secret($1, 'new')`, [id])
    await owner.query(`select vault.update_secret($1, new_description => 'what for')`, [id])

    expect((await owner.query('select * from vault.decrypted_secrets')).rows).toMatchObject([
      { name: 'name', description: 'what for', decrypted_secret: 'new' },
    ])
  })

  test('says nothing when the secret to change is not there', async () => {
    await owner.query(`select vault.update_secret(gen_random_uuid(), 'new')`)

    expect(await value(owner, 'select count(*)::integer from vault.secrets')).toBe(0)
  })

  test.each(['postgres', 'service_role'])('lets %s read, create and delete', async (role) => {
    const client = await as(role)
    await client.query(`select vault.create_secret('mine', 'of the role')`)

    expect(await value(client, 'select decrypted_secret from vault.decrypted_secrets')).toBe('mine')
    await client.query('delete from vault.secrets')
  })

  test.each(['postgres', 'service_role'])('lets %s neither write by hand nor see the key', async (role) => {
    const client = await as(role)

    for (
      const attempt of [
        `insert into vault.secrets (secret) values ('plain')`,
        `update vault.secrets set secret = 'plain'`,
        'select * from vault._key',
        `select vault._passphrase(gen_random_uuid(), '')`,
      ]
    ) expect(await refusal(client, attempt)).toMatchObject({ code: '42501' })
  })

  test.each(['anon', 'authenticated'])('is closed to %s', async (role) => {
    const client = await as(role)

    for (const attempt of ['select * from vault.decrypted_secrets', `select vault.create_secret('a')`]) {
      expect(await refusal(client, attempt)).toMatchObject({ code: '42501' })
    }
  })
})
