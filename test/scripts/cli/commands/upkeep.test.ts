import { execFile } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrationFiles } from '../../../../scripts/cli/database/files.ts'
import { digest } from '../../../../scripts/cli/project/vault.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

let project: Hosted
beforeAll(async () => {
  project = await startHosted()
})
afterAll(() => project?.stop())

const vault = async (): Promise<string> =>
  (await project.db.query(`select decrypted_secret from vault.decrypted_secrets where name = 'supaqueue_secret'`))
    .rows[0].decrypted_secret

test('upgrade refuses where nothing is installed', async () => {
  const { code, text } = await project.run(['upgrade', '--yes'])

  expect(text).toContain('SQ404: supaqueue is not installed')
  expect(code).toBe(5)
})

test('status of an older installation says that it wants an upgrade', async () => {
  await project.db.query(
    'create schema supaqueue; create table supaqueue.migration (name text, checksum text, applied_at timestamptz)',
  )
  const { code, text } = await project.run(['status'])
  await project.db.query('drop schema supaqueue cascade')

  expect(text).toContain('SQ409: the database is of an older release')
  expect(text).toContain('pnpm supaqueue:upgrade')
  expect(code).toBe(1)
})

test('upgrade brings an older installation to this release, its jobs and its secret with it', async () => {
  const secret = 'of-the-installation-there-was-before'
  for (const { name, sql, checksum } of migrationFiles().slice(0, 4)) {
    await project.db.query(sql)
    await project.db.query('insert into supaqueue.migration (name, checksum) values ($1, $2)', [name, checksum])
  }
  await project.db.query(`select vault.create_secret($1, 'supaqueue_secret')`, [secret])
  await project.db.query(`
    insert into supaqueue.queue (name, edge_function_name) values ('kept', 'hello');
    insert into supaqueue.job (queue, run_at) select id, now() + interval '1 day' from supaqueue.queue`)
  project.state.secrets.set('SUPAQUEUE_SECRET', secret)
  project.setEnvironment({ SUPAQUEUE_SECRET: secret })
  const { code, text } = await project.run(['upgrade', '--yes'])
  const { rows } = await project.db.query('select status from supaqueue.job')

  expect(text).toMatch(/Proof: a test job came back/)
  expect(code).toBe(0)
  expect(rows).toEqual([{ status: 'pending' }])
  expect(await vault()).toBe(secret)
})

test('a database of a newer release is left alone', async () => {
  await project.db.query(`insert into supaqueue.migration (name, checksum) values ('9999_future', '')`)
  const { code, text } = await project.run(['upgrade', '--yes'])
  await project.db.query(`delete from supaqueue.migration where name = '9999_future'`)

  expect(text).toContain('SQ409: the database is of a newer release than this one: it has 9999_future')
  expect(code).toBe(1)
})

test('rotate-secret exchanges both sides, and the old one counts no more', async () => {
  const old = await vault()
  const { code, text } = await project.run(['rotate-secret', '--yes', '--overlap-seconds', '0'])
  const fresh = await vault()
  const proof = await project.run(['doctor'])

  expect(code).toBe(0)
  expect(fresh).not.toBe(old)
  expect(fresh).toMatch(/^[0-9a-f]{64}$/)
  expect(text).not.toContain(fresh)
  expect([...project.state.secrets]).toEqual([['SUPAQUEUE_SECRET', fresh]])
  expect(proof.code, proof.text).toBe(0)
})

test('a rotation that broke off before Vault knew is named by doctor, and fixed by another', async () => {
  const old = await vault()
  // Sets both, then the platform falls silent before it shows the new one.
  project.mock.fail({ method: 'GET', path: /secrets/, how: 500 })
  const broken = await project.run(['rotate-secret', '--yes', '--overlap-seconds', '0'])
  project.mock.fix()
  const seen = await project.run(['doctor'])
  const again = await project.run(['rotate-secret', '--yes', '--overlap-seconds', '0'])

  expect(broken.code).toBe(4)
  expect(digest(old)).not.toBe(digest(await vault()))
  expect(seen.text).toMatch(/WRONG secret +a rotation broke off.*\n +fix: pnpm supaqueue:rotate-secret/)
  // Both secrets count meanwhile, so jobs go on.
  expect(seen.text).toMatch(/ok +round trip/)
  expect(again.code).toBe(0)
  expect([...project.state.secrets.keys()]).toEqual(['SUPAQUEUE_SECRET'])
})

describe('a secret that was encrypted under another key', () => {
  const restore = async () => {
    const client = new pg.Client({ connectionString: project.adminUrl })
    await client.connect()
    await client.query(
      `update vault.secrets set secret = encode(sha256(secret::bytea), 'base64') where name = 'supaqueue_secret'`,
    ).finally(() => client.end())
  }

  test.each([['rotate-secret', ['--overlap-seconds', '0']], ['install', []]])(
    'is named and exchanged by %s',
    async (command, more) => {
      await restore()
      const { code, text } = await project.run([command, '--yes', ...more])

      expect(text).toMatch(/Vault cannot decrypt the secret supaqueue_secret.*A new one takes its place\./)
      expect(code).toBe(0)
      expect([...project.state.secrets]).toEqual([['SUPAQUEUE_SECRET', await vault()]])
    },
  )
})

test('the program itself: output, what to do and exit code', async () => {
  const program = join(import.meta.dirname, '../../../../scripts/cli/supaqueue.ts')
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; out: string; error: string }>((resolve) => {
      const env = { PATH: process.env.PATH, SUPAQUEUE_DB_URL: project.ownerUrl }
      execFile(process.execPath, ['--import', 'tsx', program, ...args], { env }, (reason, out, error) =>
        resolve({ code: reason?.code ?? 0, out, error }))
    })
  const [status, nonsense] = await Promise.all([run('status'), run('statsu')])

  expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/^queue +calls +running/) })
  expect(nonsense).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Did you mean status?') })
})
