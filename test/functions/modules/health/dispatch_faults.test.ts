import { expect } from 'vitest'
import { harness as harnessOf } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test.for(
  [
    ['secret_missing', `delete from vault.secrets where name = 'supaqueue_secret'`],
    ['functions_url_missing', `delete from supaqueue.setting where name = 'functions_url'`],
    ['net_missing', 'alter table net.http_request_queue rename to away'],
    [
      'net_fault',
      `
    create function public.spy() returns trigger language plpgsql as 'begin return new; end';
    create trigger spy before insert on net.http_request_queue for each row execute function public.spy()`,
    ],
    ['isolation', 'alter role postgres in database current set default_transaction_isolation = serializable'],
    ['read_only', 'alter role postgres in database current set default_transaction_read_only = on'],
  ] as const,
)('%s is found', async ([code, sql], { database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query(sql.replace('current', database.name))

  expect((await codes(harness))[0]).toBe(code)
})

test('a default isolation is fixed by the statement that it names', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query(`alter database ${database.name} set default_transaction_isolation = 'repeatable read'`)
  const [found] = await findings(harness)
  await admin.query(found!.remedy!)

  expect(found!.text).toMatch(/^no schedule is kept.*repeatable read is the default isolation of database/)
  expect(await codes(harness)).toEqual([])
})

// The Data API begins its transactions with read committed and read write. Tried with PostgREST 14.
test('what turns are asked for is no fault where the Data API asks for something else', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  for (const role of ['authenticator', 'service_role']) {
    for (const setting of ['default_transaction_isolation = serializable', 'default_transaction_read_only = on']) {
      await admin.query(`alter role ${role} in database ${database.name} set ${setting}`)
    }
  }

  expect(await codes(harness)).toEqual([])
})

test('a Data API that undoes its transactions is found, and is fixed by the statement that is named', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query(
    `alter role authenticator in database ${database.name} set pgrst.db_tx_end = 'rollback-allow-override'`,
  )
  const [found] = await findings(harness)
  await admin.query(found!.remedy!)
  await admin.query(
    `alter role authenticator in database ${database.name} set pgrst.db_tx_end = 'commit-allow-override'`,
  )

  expect(found).toMatchObject({
    code: 'rolled_back',
    severity: 'error',
    text:
      `jobs are called again and again: the Data API undoes its transactions, for pgrst.db_tx_end is rollback-allow-override for role authenticator in database ${database.name}`,
  })
  expect(await codes(harness)).toEqual([])
})

test('a default isolation of service_role in all databases stops every turn', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  // The role is everybody's: nobody else may see it.
  await admin.query('begin')
  await admin.query('alter role service_role set default_transaction_isolation = serializable')
  const { rows: [{ found }] } = await admin.query('select supaqueue_internal.dispatch_faults() as found')
  await admin.query('rollback')

  expect(found).toMatchObject([{
    code: 'isolation',
    text: 'no job is begun: serializable is the default isolation of role service_role, and turns need read committed',
  }])
})

test('a default isolation of the owner alone stops the sweep, and no job', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query(`alter role postgres in database ${database.name} set default_transaction_isolation = serializable`)
  const [found] = await findings(harness)

  expect(found).toMatchObject({
    code: 'isolation',
    text:
      `no schedule is kept, and nothing is pruned: serializable is the default isolation of role postgres in database ${database.name}, and the sweep needs read committed`,
  })
})

test('a read-only database is found by who may only read in it, told once, and fixed by the statement that it names', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query(`alter database ${database.name} set default_transaction_read_only = on`)
  const db = await database.connect()

  const { rows: [{ found }] } = await db.query(`select supaqueue.health() -> 'findings' as found`)
  expect(found).toMatchObject([{ code: 'read_only', text: expect.stringContaining(`database ${database.name}`) }])
  await (await database.connect('admin')).query(found[0].remedy)

  expect(await codes(harnessOf(await database.connect()))).toEqual([])
})

test('the worker of pg_net that is gone is found, where the owner may see who is there', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const admin = await database.connect('admin')
  await admin.query('grant pg_read_all_stats to postgres')
  const { rows: [worker] } = await admin.query(
    `select pid from pg_stat_activity where application_name = 'pg_net stand-in' and datname = current_database()`,
  )
  await admin.query('select pg_terminate_backend($1, 5000)', [worker.pid])

  expect(await findings(harness)).toMatchObject([{ code: 'net_stopped', remedy: 'select net.worker_restart();' }])
})

test('runs that accept wake-ups and never take a turn are found', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.db.query(
    `update supaqueue.dispatch set accepted_at = now() - interval '1 minute', run_at = now() - interval '2 minutes'`,
  )

  expect(await findings(harness)).toMatchObject([{
    code: 'no_turn',
    text: expect.stringContaining('its last turn was 2 min ago'),
  }])
})
