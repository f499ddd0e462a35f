import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

// The commands of the Supabase CLI that change or compare databases, its own code against real ones, in a project that
// `supabase init` and `supaqueue init` have made. What starts containers (db diff without --from, db dump, db pull) is not here.

/** Its migrations come by `db push`. */
let project: Hosted
/** The same migrations by `migration up`, and nothing else: what a shadow database would be. */
let plain: Hosted
let cwd: string

beforeAll(async () => {
  project = await startHosted()
  plain = await startHosted({ cron: false, net: false })
  cwd = join(project.folder, 'shop')
  mkdirSync(cwd)
  await succeeds(['init', '--yes'])
  expect(await project.run(['init', cwd, '--yes'])).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await project?.stop()
  await plain?.stop()
})

const urlOf = (hosted: Hosted) => `${hosted.ownerUrl}?sslmode=disable`
const supabase = (args: string[]) => project.supabase(args, { cwd })

async function succeeds(args: string[]): Promise<string> {
  const { code, text } = await supabase(args)
  expect(`${code} ${code === 0 ? '' : text}`).toBe('0 ')
  return text
}

/** The statements that would make the first of two databases what the second is. */
const difference = async (from: Hosted, to: Hosted): Promise<string> =>
  (await succeeds(['db', 'diff', '--from', urlOf(from), '--to', urlOf(to)])).replace(/^Target: .*\n/m, '')

const migrations = () => readdirSync(join(cwd, 'supabase/migrations')).sort()

async function asAdmin({ adminUrl }: Hosted, sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    await admin.query(sql)
  } finally {
    await admin.end()
  }
}

test('db push applies what init has written, once, and puts the secret into Vault', async () => {
  expect(await succeeds(['db', 'push', '--db-url', urlOf(project), '--dry-run', '--yes'])).toContain(migrations()[0])
  const first = await succeeds(['db', 'push', '--db-url', urlOf(project), '--yes'])
  const second = await succeeds(['db', 'push', '--db-url', urlOf(project), '--yes'])

  for (const name of migrations()) expect(first).toContain(`Applying migration ${name}`)
  expect(second).toContain('Remote database is up to date')
  expect((await project.db.query('select name from vault.secrets')).rows).toEqual([{ name: 'supaqueue_secret' }])
  expect((await project.db.query('select name from supaqueue.queue')).rows).toEqual([{ name: 'greetings' }])
})

test('migration up does the same, and both are in the list of what was applied', async () => {
  await succeeds(['migration', 'up', '--db-url', urlOf(plain), '--yes'])
  const list = await succeeds(['migration', 'list', '--db-url', urlOf(plain)])

  for (const [version] of migrations().map((name) => name.split('_'))) {
    expect(list.match(new RegExp(`\\b${version}\\b`, 'g'))).toHaveLength(2)
  }
})

test('db diff finds no difference: not in what was just applied, and not in what is in use', async () => {
  expect(await difference(plain, project)).toBe('')

  expect(await project.run(['install', '--yes'])).toMatchObject({ code: 0 })
  await project.db.query(`
    select supaqueue.enqueue('greetings', '{"name": "Ada"}', delay => '1 day');
    select supaqueue.allow('greetings', 'authenticated');
    select supaqueue.revoke('greetings')`)
  expect(await difference(plain, project)).toBe('')
})

test('db diff sees ours where they are missing, so that its silence says something', async () => {
  const { rows: [{ text }] } = await project.db.query(
    `select pg_get_functiondef('supaqueue.explain(bigint)'::regprocedure) as text`,
  )
  await project.db.query('drop function supaqueue.explain(bigint)')
  const seen = await difference(project, plain)
  await project.db.query(text)

  expect(seen).toContain('CREATE OR REPLACE FUNCTION supaqueue.explain')
})

test('db advisors has nothing to say of ours above INFO, and would say it', async () => {
  const advisors = () => succeeds(['db', 'advisors', '--db-url', urlOf(project), '--level', 'warn'])
  expect(await advisors()).toContain('No issues found')

  await project.db.query('create table public.of_the_user (id bigint)')
  expect(await advisors()).toContain('of_the_user')
  await project.db.query('drop table public.of_the_user')
})

describe('db reset of a hosted project', () => {
  test('puts everything back as the migrations say: the queues, no job, the secret', async () => {
    // It keeps pg_net, and drops pg_cron with its schedules and policies; here both are stand-ins in schemas, which it would drop.
    await asAdmin(
      project,
      `do $$ begin create role supabase_admin; exception when duplicate_object then null; end $$;
      alter schema net owner to supabase_admin;
      alter schema cron owner to supabase_admin;
      drop policy cron_job_policy on cron.job;
      drop policy cron_job_run_details_policy on cron.job_run_details;
      delete from cron.job`,
    )
    await succeeds(['db', 'reset', '--db-url', urlOf(project), '--yes'])

    const { rows: [found] } = await project.db.query(`
      select (select array_agg(name) from supaqueue.queue) as queues, (select count(*)::integer from supaqueue.job) as jobs,
        (select array_agg(name) from vault.secrets) as secrets, (select count(*)::integer from cron.job) as sweeps`)
    expect(found).toEqual({ queues: ['greetings'], jobs: 0, secrets: ['supaqueue_secret'], sweeps: 1 })
    expect(await difference(plain, project)).toBe('')
  })

  test('install afterwards puts back what no migration has, and a job makes the round trip', async () => {
    expect((await project.run(['doctor'])).code).toBe(1)
    expect(await project.run(['install', '--yes'])).toMatchObject({ code: 0 })
    const { code, text } = await project.run(['doctor'])

    expect(`${code} ${code === 0 ? '' : text}`).toBe('0 ')
    expect(await difference(plain, project)).toBe('')
  })
})
