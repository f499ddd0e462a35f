import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConsole } from '../../../../scripts/console/open.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

const SECRET = 'the-secret-that-the-functions-have-already'

// One story, told in order: a self-hosted project, of which the database is known, and later the functions, too.
describe('a database URL is enough', () => {
  let project: Hosted
  const nothingElse = { SUPABASE_PROJECT_ID: '', SUPABASE_ACCESS_TOKEN: '', SUPAQUEUE_FUNCTIONS_URL: '' }
  const run = (args: string[], env: Record<string, string> = {}) =>
    project.run([...args, '--db-url', project.ownerUrl], { env: { ...nothingElse, ...env } })
  const vault = async () =>
    (await project.db.query(`select decrypted_secret from vault.decrypted_secrets where name = 'supaqueue_secret'`))
      .rows[0]?.decrypted_secret
  beforeAll(async () => {
    project = await startHosted()
  })
  afterAll(() => project?.stop())

  test.each(['install', 'upgrade'])(
    '%s asks for the URL of the edge functions where nothing has it',
    async (command) => {
      const { code, text } = await run([command, '--yes'])

      expect(text).toMatch(/SQ422: the URL of the edge functions.*\nWhat to do: Add --functions-url/)
      expect(code).toBe(2)
    },
  )

  test('doctor needs no more: what nothing says is left out, and why', async () => {
    const { code, text } = await run(['doctor'])

    expect(code).toBe(1)
    expect(text).toMatch(/WRONG schema +supaqueue is not installed in this database/)
    expect(text).toMatch(/- +reachable +left out, because nothing says where the functions answer/)
    // What needs the schema is not tried.
    expect(text).not.toContain('does not exist')
  })

  test('a secret that is too short is refused', async () => {
    const { text } = await run(['install', '--yes', '--functions-url', project.functionsUrl], { SUPAQUEUE_SECRET: 'x' })

    expect(text).toContain('SQ422: SUPAQUEUE_SECRET is shorter than 16 characters')
  })

  test('install does what belongs to the database, and names the rest with what to do', async () => {
    const { code, text } = await run(['install', '--yes', '--functions-url', project.functionsUrl])

    expect(code, text).toBe(0)
    expect(text).toMatch(/installed: the schema supaqueue/)
    expect(text).toMatch(/installed: the secret, in Vault/)
    expect(text).toMatch(
      /left out: {2}the secret, in the functions.*because.*no Management API.*vault.decrypted_secrets/,
    )
    expect(text).toMatch(/left out: {2}the edge function supaqueue, .*because.*supaqueue init/)
    expect(text).toMatch(/left out: {2}the schema supaqueue among those of the Data API, because.*PGRST_DB_SCHEMAS/)
    expect(text).toContain(`No test job was sent: nothing answers as supaqueue at ${project.functionsUrl}`)
    expect(await vault()).toMatch(/^[0-9a-f]{64}$/)
    expect(text).not.toContain(await vault())
    expect(project.mock.asked).toEqual([])
  })

  test('what is there already it does not say to have installed', async () => {
    const { code, text } = await run(['install', '--yes'])

    expect(code, text).toBe(0)
    expect(text).toMatch(/in place: {2}the schema supaqueue/)
    expect(text).not.toMatch(/installed: the schema/)
  })

  test('of two at once, one says that it installed the functions', async () => {
    await project.db.query('drop function supaqueue.snooze')

    const texts = await Promise.all([1, 2].map(async () => (await run(['install', '--yes'])).text))

    expect(texts.filter((text) => /installed: the schema supaqueue/.test(text)), texts.join('\n\n')).toHaveLength(1)
    expect(texts.filter((text) => /in place: {2}the schema supaqueue/.test(text))).toHaveLength(1)
  })

  test('doctor names what it cannot ask, and what is wrong', async () => {
    const { code, text } = await run(['doctor'])

    expect(code).toBe(1)
    for (const name of ['secret', 'function', 'data api', 'http API']) {
      expect(text).toMatch(new RegExp(`- +${name} +left out, because a database URL alone leads to no Management API`))
    }
    expect(text).toMatch(/WRONG reachable/)
  })

  test('status, failures and a dry run need nothing else, either', async () => {
    expect((await run(['status'])).code).toBe(0)
    expect((await run(['failures'])).code).toBe(0)
    expect((await run(['install', '--dry-run'])).code).toBe(0)
  })

  test('the console opens', async () => {
    const opened = await openConsole(
      { dbUrl: project.ownerUrl, port: 0, readOnly: true, embedded: false, person: '' },
      project.deps(),
    )
    try {
      expect((await fetch(opened.console.address)).status).toBe(200)
    } finally {
      await opened.stop()
    }
  })

  test('once the functions are there, the secret that they have is taken, and a job makes the round trip', async () => {
    await project.serve('supaqueue', '_shared')
    writeFileSync(join(project.folder, 'supabase/config.toml'), '[functions.supaqueue]\nverify_jwt = false\n')
    project.setEnvironment({ SUPAQUEUE_SECRET: SECRET })

    const { code, text } = await run(['install', '--yes'], { SUPAQUEUE_SECRET: SECRET })

    expect(code, text).toBe(0)
    expect(text).toMatch(/in place: {2}the edge function supaqueue/)
    expect(text).toMatch(/Proof: a test job came back/)
    expect(text).not.toContain(SECRET)
    expect(await vault()).toBe(SECRET)
    const doctor = await run(['doctor'])
    expect(doctor.code, doctor.text).toBe(0)
    const upgrade = await run(['upgrade', '--yes'])
    expect(upgrade.code, upgrade.text).toBe(0)
  })

  test('a dispatcher that has another secret is told apart, with what fixes it', async () => {
    project.setEnvironment({ SUPAQUEUE_SECRET: 'another-secret-of-the-same-length' })

    const { code, text } = await run(['doctor'])

    expect(code).toBe(1)
    expect(text).toMatch(/WRONG wake .*another secret\n +fix: Set SUPAQUEUE_SECRET of the functions to what Vault has/)
  })

  test('rotate-secret says how it is done by hand', async () => {
    const { code, text } = await run(['rotate-secret', '--yes'])

    expect(code).toBe(1)
    expect(text).toMatch(/SQ501: to exchange the secret.*\nWhat to do: By hand: set SUPAQUEUE_SECRET_PREVIOUS/)
  })

  test('remove takes away what belongs to the database, and names the rest', async () => {
    const { code, text } = await run(['remove', '--yes'])

    expect(code, text).toBe(0)
    expect(text).toMatch(/removed: +the schema supaqueue/)
    expect(text).toMatch(/Left to you, wherever you have put it: the edge function supaqueue/)
    expect(await vault()).toBeUndefined()
    expect(project.mock.asked).toEqual([])
  })
})
