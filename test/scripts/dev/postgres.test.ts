import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres } from '../../../scripts/dev/postgres.ts'
import { refusal, standing, value, versions } from './support/standing.ts'
import { until } from '../../support/until.ts'

describe.each(versions)('an embedded PostgreSQL %i', (version) => {
  let harness: Awaited<ReturnType<typeof standing>>

  beforeAll(async () => {
    harness = await standing(version)
  })
  afterAll(() => harness.close())

  const query = async (url: string, sql: string) => {
    const client = await harness.connect(url)
    return (await client.query(sql)).rows
  }

  test('is of the version asked for', async () => {
    const [{ server_version }] = await query(harness.postgres.adminUrl, 'show server_version')

    expect(server_version).toMatch(new RegExp(`^${version}\\.`))
  })

  test('has the roles of a Supabase project', async () => {
    const roles = await query(
      harness.postgres.adminUrl,
      `select rolname, rolsuper, rolcanlogin, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
      from pg_roles where rolname !~ '^pg_' order by rolname`,
    )
    const role = (rolname: string, attributes: string[]) => ({
      rolname,
      rolsuper: attributes.includes('super'),
      rolcanlogin: attributes.includes('login'),
      rolinherit: attributes.includes('inherit'),
      rolcreaterole: attributes.includes('createrole'),
      rolcreatedb: attributes.includes('createdb'),
      rolbypassrls: attributes.includes('bypassrls'),
      rolreplication: attributes.includes('replication'),
    })
    const all = ['login', 'inherit', 'createrole', 'createdb', 'bypassrls', 'replication']

    expect(roles).toEqual([
      role('anon', []),
      role('authenticated', []),
      role('authenticator', ['login']),
      role('postgres', all),
      role('service_role', ['bypassrls']),
      role('supabase_admin', ['super', ...all]),
    ])
  })

  test('limits statements by role, as a hosted project does', async () => {
    const { postgres } = harness
    const timeout = 'show statement_timeout'

    expect(await query(postgres.authenticatorUrl, timeout)).toEqual([{ statement_timeout: '8s' }])
    expect(await query(postgres.ownerUrl, timeout)).toEqual([{ statement_timeout: '2min' }])
    expect(await query(postgres.adminUrl, timeout)).toEqual([{ statement_timeout: '0' }])
    expect(
      await query(
        postgres.adminUrl,
        `select setrole::regrole::text as role, setconfig from pg_db_role_setting
        where setrole in ('anon'::regrole, 'authenticated'::regrole) order by role`,
      ),
    ).toEqual([
      { role: 'anon', setconfig: ['statement_timeout=3s'] },
      { role: 'authenticated', setconfig: ['statement_timeout=8s'] },
    ])
  })

  test('lets authenticator become the API roles, and nobody else', async () => {
    const client = await harness.connect(harness.postgres.authenticatorUrl)

    for (const role of ['anon', 'authenticated', 'service_role']) {
      await client.query(`set role ${role}`)
      await client.query('reset role')
    }

    expect(await refusal(client, 'set role postgres')).toMatchObject({ code: '42501' })
  })

  test('gives the API roles everything that postgres makes in public, so that a forgotten revoke shows', async () => {
    await harness.postgres.createDatabase('generous')
    const client = await harness.connect(harness.postgres.urlFor('owner', 'generous'))
    await client.query('create table thing (id bigserial); create function act() returns int return 1')
    await client.query('set role anon')

    await client.query('insert into thing default values')

    expect(await value(client, 'select act()')).toBe(1)
  })

  test('has pgcrypto where Supabase has it, and no superuser for its owner', async () => {
    await harness.postgres.createDatabase('further')
    const client = await harness.connect(harness.postgres.urlFor('owner', 'further'))

    expect(await value(client, `select length(extensions.hmac('a', 'b', 'sha256'))`)).toBe(32)
    expect(await refusal(client, `alter system set work_mem = '1MB'`)).toMatchObject({ code: '42501' })
    await client.query('create schema of_my_own')
  })

  test('wants a password', async () => {
    const url = new URL(harness.postgres.adminUrl)
    url.password = 'guessed'
    const client = new pg.Client({ connectionString: url.href })

    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' })
  })

  test('keeps its data and empties unlogged tables when it crashes and starts again', async () => {
    const { postgres } = harness
    const before = await harness.connect(postgres.ownerUrl)
    await before.query(`create table kept as select 1; create unlogged table lost as select 1`)

    for (const crash of [() => postgres.stop('immediate'), () => postgres.kill()]) {
      await crash()
      expect(postgres.pid).toBeUndefined()
      await postgres.start()
      const after = await harness.connect(postgres.ownerUrl)

      expect(await value(after, 'select count(*)::integer from kept')).toBe(1)
      expect(await value(after, 'select count(*)::integer from lost')).toBe(0)
      await after.query('insert into lost values (1)')
    }
  })

  test('drops a database that is in use', async () => {
    await harness.postgres.createDatabase('brief')
    await harness.connect(harness.postgres.urlFor('owner', 'brief'))

    await harness.postgres.dropDatabase('brief')

    expect(await query(harness.postgres.adminUrl, `select from pg_database where datname = 'brief'`)).toEqual([])
  })
})

describe('starting an embedded PostgreSQL', () => {
  test('says which port is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }

    await expect(startPostgres({ port })).rejects.toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(`${port}`),
      hint: expect.stringContaining('another port'),
    })
    server.close()
  })

  test('gives away no directory that a link leads to', async () => {
    const base = await mkdtemp(join(tmpdir(), 'supaqueue-test-'))
    const [of, link] = [join(base, 'of-somebody'), join(base, 'data')]
    await mkdir(of)
    await symlink(of, link)
    const { uid } = await stat(of)

    await expect(startPostgres({ directory: link })).rejects.toMatchObject({ code: 'SQ409' })
    expect((await stat(of)).uid).toBe(uid)
    expect(await readdir(of)).toEqual([])
    await rm(base, { recursive: true })
  })

  test('keeps what is in a directory that was asked for, and refuses another version to read it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'supaqueue-test-'))
    const first = await startPostgres({ directory })
    const client = new pg.Client({ connectionString: first.ownerUrl })
    await client.connect()
    await client.query('create table kept as select 1')
    await client.end()
    await first.close()

    const second = await startPostgres({ directory })
    const again = new pg.Client({ connectionString: second.ownerUrl })
    await again.connect()
    expect(await value(again, 'select count(*)::integer from kept')).toBe(1)
    await again.end()
    await second.close()

    await expect(startPostgres({ directory, version: 15 })).rejects.toMatchObject({ code: 'SQ409' })
    await rm(directory, { recursive: true })
  })

  test('leaves nothing behind, even when the process is killed that started it', async () => {
    const program = `
      import { startPostgres } from '${new URL('../../../scripts/dev/postgres.ts', import.meta.url)}'
      startPostgres().then(({ pid, log }) => console.log(JSON.stringify({ pid, log })))
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout, 'data')
    const { pid, log } = JSON.parse(`${line}`)
    expect(existsSync(log)).toBe(true)

    child.kill('SIGKILL')

    await until(() => !existsSync(dirname(log)))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
