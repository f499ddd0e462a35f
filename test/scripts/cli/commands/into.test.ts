import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../../../scripts/cli/project/config_toml.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

const config = `# Ours, do not sort.
project_id = "shop"

[functions.hello]
verify_jwt = true # needs a user

[api]
# What the shop's pages read.
schemas = ["public", "shop"] # keep shop last

[db.seed]
enabled = true
sql_paths = ["./seeds/*.sql"]

[auth]
site_url = "http://127.0.0.1:3000"
`

let project: Hosted
beforeAll(async () => {
  project = await startHosted()
})
afterAll(() => project?.stop())

describe('install --into writes supaqueue into the files of a project', () => {
  const SECRET = 'a-secret-of-the-pipeline-0123456789'
  let shop: string
  const at = (path: string) => join(shop, 'supabase', path)
  const migrations = () => readdirSync(at('migrations')).sort()
  const into = (...args: string[]) =>
    project.run(['install', '--into', shop, '--functions-url', project.functionsUrl, ...args])
  beforeAll(() => {
    shop = join(project.folder, 'shop')
    mkdirSync(at('migrations'), { recursive: true })
    writeFileSync(at('config.toml'), config)
    // From a machine whose clock is ahead.
    writeFileSync(at('migrations/20991231235959_shop.sql'), 'create schema shop;')
  })

  test('a dry run names the files and writes none', async () => {
    const { code, out } = await into('--dry-run')

    expect(code).toBe(0)
    expect(out).toContain('changed: supabase/config.toml')
    expect(out).toContain('new:     supabase/functions/supaqueue/index.ts')
    expect(readFileSync(at('config.toml'), 'utf8')).toBe(config)
    expect(migrations()).toEqual(['20991231235959_shop.sql'])
  })

  test('one migration behind the last, the function, and what the configuration needs, its comments and order kept', async () => {
    const { code } = await into()

    expect(code).toBe(0)
    expect(migrations()).toEqual(['20991231235959_shop.sql', '21000101000000_supaqueue.sql'])
    expect(readFileSync(at('migrations/21000101000000_supaqueue.sql'), 'utf8')).toMatch(
      /notify pgrst, 'reload schema';\n$/,
    )
    expect(readdirSync(at('functions/supaqueue'), { recursive: true }))
      .toEqual(expect.arrayContaining(['index.ts', 'deno.json', 'turn/turn.ts']))
    expect(readFileSync(at('config.toml'), 'utf8')).toBe(
      config
        .replace('"shop"] # keep', '"shop", "supaqueue"] # keep')
        .replace('"./seeds/*.sql"]', '"./seeds/*.sql", "./supaqueue.seed.sql"]')
        .concat(`
[db.vault]
supaqueue_secret = "env(SUPAQUEUE_SECRET)"

[edge_runtime.secrets]
SUPAQUEUE_SECRET = "env(SUPAQUEUE_SECRET)"

[functions.supaqueue]
verify_jwt = false
import_map = "./functions/supaqueue/deno.json"
`),
    )
  })

  test('the tables come before the Data API that is to serve them: in the next steps, and where writing breaks off', async () => {
    rmSync(shop, { recursive: true })
    mkdirSync(at('migrations'), { recursive: true })
    writeFileSync(at('config.toml'), config)
    writeFileSync(at('migrations/20991231235959_shop.sql'), 'create schema shop;')
    const { out } = await into()

    expect(out).toMatch(/db start && .*db reset && .*stop && .*start\n/)
    expect(out.indexOf('new:     supabase/migrations/')).toBeGreaterThan(-1)
    expect(out.indexOf('changed: supabase/config.toml')).toBeGreaterThan(out.indexOf('new:     supabase/migrations/'))
  })

  test('a second run writes nothing', async () => {
    const { out } = await into()

    expect(out).toBe('All of it is there already; nothing was written.')
    expect(migrations()).toHaveLength(2)
  })

  test("the CLI of the user's own pipeline deploys it, and a job makes the round trip", async () => {
    const { ref } = project.state
    const pipeline = { cwd: shop, env: { SUPAQUEUE_SECRET: SECRET } }
    const pushed = await project.supabase(
      ['db', 'push', '--db-url', `${project.ownerUrl}?sslmode=disable`, '--yes'],
      pipeline,
    )
    project.state.secrets.set('SUPAQUEUE_SECRET', SECRET)
    project.setEnvironment({ SUPAQUEUE_SECRET: SECRET })
    const deploy = ['functions', 'deploy', 'supaqueue', '--use-api', '--project-ref', ref, '--yes']
    const deployed = await project.supabase(deploy, pipeline)
    const { code, text } = await project.run(['doctor', '--no-expose'])

    expect(pushed).toMatchObject({ code: 0 })
    expect(deployed).toMatchObject({ code: 0 })
    expect(text).not.toContain('WRONG')
    expect(code).toBe(0)
  })

  test('install finds what the pipeline has put there, and adds nothing to the ledger', async () => {
    const ledger = async () => (await project.db.query('select name, applied_at from supaqueue.migration')).rows
    const before = await ledger()
    const { code } = await project.run(['install', '--yes'])

    expect(code).toBe(0)
    expect(await ledger()).toEqual(before)
  })

  test('after an upgrade, a run writes only the difference', async () => {
    const first = at('migrations/21000101000000_supaqueue.sql')
    // As an older release would have written it: another sweep, and a function of the dispatcher that is gone since.
    const old = readFileSync(first, 'utf8').replace(
      /^(-- supaqueue: functions\/core\/sweep\/sweep\.sql) .*$/m,
      `$1 ${'0'.repeat(64)}`,
    )
    writeFileSync(first, old)
    writeFileSync(at('functions/supaqueue/gone.ts'), '')
    writeFileSync(at('functions/supaqueue/run/gone.ts'), '')
    const { out } = await into()
    const written = readFileSync(at(`migrations/${migrations().at(-1)}`), 'utf8')

    expect(out).toMatch(/^removed: supabase\/functions\/supaqueue\/gone.ts$/m)
    expect(out).toMatch(/^removed: supabase\/functions\/supaqueue\/run\/gone.ts$/m)
    expect(out).not.toContain('config.toml')
    expect(migrations()).toHaveLength(3)
    expect(readFileSync(first, 'utf8')).toBe(old)
    expect(written.match(/^-- supaqueue: .*$/gm)).toEqual([
      expect.stringMatching(/^-- supaqueue: functions\/core\/sweep\/sweep\.sql [0-9a-f]{64}$/),
    ])
  })

  test('without the variable, Vault gets no secret rather than a known one', async () => {
    await project.db.query('delete from vault.secrets')
    const { code, text } = await project.supabase(
      ['db', 'push', '--db-url', `${project.ownerUrl}?sslmode=disable`, '--yes', '--include-all'],
      { cwd: shop },
    )
    const { rows } = await project.db.query('select decrypted_secret from vault.decrypted_secrets')

    expect(text).toContain('21000101000001_supaqueue.sql')
    expect(code).toBe(0)
    expect(rows).toEqual([])
  })

  test('a folder that is no Supabase project is refused', async () => {
    expect(await project.run(['install', '--into', join(project.folder, 'nowhere')])).toMatchObject({
      code: 2,
      text: expect.stringMatching(/has no supabase\/config.toml\nWhat to do: .*supabase init/),
    })
  })
})

describe('install --local', () => {
  const config = '[api]\nport = 54321\n'
  // An empty line within a key belongs to the key.
  const THEIRS = 'STRIPE_KEY=of-the-user\n\nSIGNING_KEY="-----BEGIN KEY-----\nProc-Type: 4\n\nMIIB=\n"\n'
  const local = (...args: string[]) => project.run([...args, '--local', '--db-url', project.ownerUrl])
  const env = () => join(project.folder, 'supabase/functions/.env')
  beforeAll(async () => {
    await project.run(['remove', '--yes'])
    writeFileSync(join(project.folder, 'supabase/config.toml'), config)
    writeFileSync(env(), THEIRS)
  })

  test('puts the SQL into the database and the rest into the files, and says what still has to be restarted', async () => {
    const { code, text } = await local('install', '--yes', '--proof-seconds', '0.5')
    // The function is only starting, and a wake-up waits for two seconds.
    await expect.poll(async () => (await local('install', '--yes', '--proof-seconds', '0.5')).text).toContain(
      'the dispatcher is not set up: SUPAQUEUE_SECRET is not set',
    )
    const [, secret = ''] = /^SUPAQUEUE_SECRET=(.*)$/m.exec(readFileSync(env(), 'utf8')) ?? []

    expect(text).toContain('Restart the functions to make it count')
    expect(code).toBe(1)
    expect(readFileSync(env(), 'utf8').replace(/[0-9a-f]{64}/, '<secret>')).toBe(`${THEIRS}SUPAQUEUE_SECRET=<secret>\n`)
    expect(statSync(env()).mode & 0o777).toBe(0o600)
    expect(text).not.toContain(secret)
  })

  test('once restarted, a test job makes the round trip', async () => {
    const [, SUPAQUEUE_SECRET = ''] = /^SUPAQUEUE_SECRET=(.*)$/m.exec(readFileSync(env(), 'utf8')) ?? []
    project.setEnvironment({ SUPAQUEUE_SECRET })
    const { code, text } = await local('install', '--yes')

    expect(text).toMatch(/Proof: a test job came back/)
    expect(code).toBe(0)
  })

  test('remove leaves the files as they were', async () => {
    const { code } = await local('remove', '--yes')

    expect(code).toBe(0)
    expect(readFileSync(env(), 'utf8')).toBe(THEIRS)
    expect(readConfig(readFileSync(join(project.folder, 'supabase/config.toml'), 'utf8'))).toEqual({
      api: { port: 54321, schemas: ['public', 'graphql_public'] },
    })
    expect(readdirSync(join(project.folder, 'supabase/functions'))).toEqual(['.env'])
  })
})
