import { describe, expect } from 'vitest'
import { schemaCheck } from '../../scripts/cli/checks/installed.ts'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { openDatabase } from '../../scripts/cli/project/database.ts'
import { migrationText } from '../../scripts/cli/project/migration_file.ts'
import type { Project } from '../../scripts/cli/project/project.ts'
import { testDatabase } from '../support/database.ts'
import { harness as harnessOf } from '../support/harness.ts'
import { refusal } from '../support/refusal.ts'
import { until } from '../support/until.ts'
import { applyFirst, catalogueOf, equalsFresh, migrations, releases, test } from './support/releases.ts'

describe('applying', () => {
  test('writes down every migration with its checksum', async ({ database }) => {
    const owner = await database.connect('owner')

    const { rows } = await owner.query('select name, checksum from supaqueue.migration order by name')

    expect(rows).toEqual(migrations.map(({ name, checksum }) => ({ name, checksum })))
    expect(rows.length).toBeGreaterThan(0)
  })

  test('twice changes nothing', async ({ ownDatabase }) => {
    const before = await catalogueOf(ownDatabase)

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await catalogueOf(ownDatabase)).toEqual(before)
  })

  // The oldest and the newest; releases.proof.ts has those between.
  test.for([releases[0]!, ...releases.slice(-2)])(
    'over a release that had only the first %i migrations, before %s, equals a fresh installation',
    equalsFresh,
  )

  test('keeps every row, also of jobs in flight', async ({ ownDatabase }) => {
    const db = await ownDatabase.connect()
    const harness = harnessOf(db)
    const queue = await harness.queue({ workers: 1 })
    const jobs = await harness.jobs(queue, 3)
    // As it stands there: whether it is still awake is another question once installing has taken five seconds.
    const heartbeat = async () => (await db.query('select * from supaqueue.heartbeat where queue = $1', [queue])).rows
    const before = [await harness.currentJobs(queue), await harness.jobRow(jobs[0]!), await heartbeat()]
    expect(before[2]).toHaveLength(1)

    await applyDatabase(ownDatabase.ownerUrl)

    expect([await harness.currentJobs(queue), await harness.jobRow(jobs[0]!), await heartbeat()]).toEqual(before)
  })

  test.for(
    [
      ['supaqueue.enqueue_many', 'text, jsonb, text, text', '0053_bulk_bursts', ''],
      [
        'supaqueue.enqueue',
        'text, jsonb, integer, timestamptz, interval, text, text, jsonb, integer, integer, integer, text, uuid, bigint[], boolean',
        '0025_bursts',
        'with grant option',
      ],
      [
        'supaqueue.on_change',
        'text, text, text, text[], text[], text[], text, text, boolean',
        '0034_hooks_chains',
        '',
      ],
      ['public.supaqueue_signal', 'bigint, text, jsonb, text', '0033_access_signal_refused', ''],
    ] as const,
  )(
    'keeps what was granted on %s(%s), which %s drops, to a role of the user',
    async ([name, parameters, migration, option], { empty }) => {
      await applyFirst(empty, migrations.findIndex((file) => file.name === migration))
      const owner = await empty.connect('owner')
      await owner.query(`create or replace function ${name}(${parameters}) returns integer language sql as 'select 1';
        comment on function ${name}(${parameters}) is 'Of supaqueue.';
        grant execute on function ${name}(${parameters}) to pg_monitor ${option}`)

      await applyDatabase(empty.ownerUrl, undefined, ['api'])

      const { rows } = await owner.query(
        `select p.oid::regprocedure::text as signature, granted.is_grantable as grantable
         from pg_proc as p cross join lateral aclexplode(p.proacl) as granted
         where granted.grantee = 'pg_monitor'::regrole and p.pronamespace::regnamespace::text in ('supaqueue', 'public')`,
      )
      expect(rows).toEqual([{
        signature: expect.stringContaining(`${name.replace('public.', '')}(`),
        grantable: option !== '',
      }])
    },
  )

  test('a file of migrations in the project keeps it, too', async ({ empty }) => {
    const count = migrations.findIndex(({ name }) => name === '0053_bulk_bursts')
    await applyFirst(empty, count)
    const later = migrations.slice(count).map(({ name }) => name)
    const earlier = [
      ...migrationText([], undefined, ['api'])!.matchAll(/^-- supaqueue: (migrations\/\S+) [0-9a-f]{64}$/gm),
    ]
      .filter(([, title = '']) => !later.some((name) => title.includes(name)))
      .map(([heading]) => heading)
    expect(earlier).toHaveLength(count)
    const owner = await empty.connect('owner')
    await owner.query(`
      create function supaqueue.enqueue_many(text, jsonb, text, text) returns integer language sql as 'select 1';
      grant execute on function supaqueue.enqueue_many(text, jsonb, text, text) to pg_monitor`)

    await owner.query(migrationText([earlier.join('\n')], undefined, ['api'])!)

    const { rows } = await owner.query(
      `select has_function_privilege('pg_monitor', oid, 'execute') as may, pronargs > 4 as later
       from pg_proc where proname = 'enqueue_many' and pronamespace = 'supaqueue'::regnamespace`,
    )
    expect(rows).toEqual([{ may: true, later: true }])
  })

  test('puts right a function and a trigger that somebody changed by hand', async ({ ownDatabase }) => {
    const before = await catalogueOf(ownDatabase)
    const owner = await ownDatabase.connect('owner')
    await owner.query(`
      create or replace function supaqueue_internal.concurrency() returns integer language sql as 'select 1';
      grant execute on function public.supaqueue_turn(jsonb) to anon;
      drop trigger on_job_ready on supaqueue.job`)

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await catalogueOf(ownDatabase)).toEqual(before)
  })

  test('puts back the chores of the sweep, which no file of theirs would notice', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    const chores = async () =>
      (await owner.query('select name, place, routine from supaqueue.chore order by name')).rows
    const before = await chores()
    await owner.query('truncate supaqueue.chore')

    await applyDatabase(ownDatabase.ownerUrl)

    expect(before.length).toBeGreaterThan(5)
    expect(await chores()).toEqual(before)
  })

  test('waits for no transaction when nothing is to be changed', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await harness.begin()
    await harness.job(queue)

    await applyDatabase(ownDatabase.ownerUrl, undefined, [], { withinMs: 0 })

    await harness.commit()
  })

  test('goes on by itself once the transaction that held a table has ended', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await (await ownDatabase.connect('owner')).query(`update supaqueue.applied_file set checksum = 'old'`)
    await harness.begin()
    await harness.job(queue)
    const said: string[] = []

    const applied = applyDatabase(ownDatabase.ownerUrl, (line) => said.push(line))
    await until(() => Promise.resolve(said.some((line) => /^waiting: supaqueue.job.*, held by/.test(line))))
    await harness.commit()
    await applied

    expect(said).toContainEqual(expect.stringMatching(/^functions: (\d+) parts of \1 put in place$/))
  })

  test('names each of those that it waits for, one after another', async ({ ownDatabase }) => {
    const [first, second] = [harnessOf(await ownDatabase.connect()), harnessOf(await ownDatabase.connect())]
    const queue = await first.queue()
    await (await ownDatabase.connect('owner')).query(`update supaqueue.applied_file set checksum = 'old'`)
    const pids: number[] = []
    for (const one of [first, second]) {
      await one.begin()
      await one.job(queue)
      pids.push((await one.db.query('select pg_backend_pid() as pid')).rows[0].pid)
    }
    const said: string[] = []

    const applied = applyDatabase(ownDatabase.ownerUrl, (line) => said.push(line), [], { withinMs: 250_000 })
    for (const [at, one] of [first, second].entries()) {
      await until(() => Promise.resolve(said.some((line) => line.includes(`pid ${pids[at]}`))))
      await one.commit()
    }
    await applied
  })

  test('makes triggers anew only where they differ, whatever became of the function they call', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    const triggers = async () => (await owner.query('select oid, tgname from pg_trigger where not tgisinternal')).rows
    const before = await triggers()
    await owner.query(`update supaqueue.applied_file set checksum = 'old' where kind <> 'trigger'`)
    await applyDatabase(ownDatabase.ownerUrl)
    const same = await triggers()
    await owner.query('alter table supaqueue.job disable trigger on_job_changed')
    await applyDatabase(ownDatabase.ownerUrl)

    expect(same).toEqual(before)
    expect(before.filter(({ oid }) => !same.some((one) => one.oid === oid))).toEqual([])
    const after = await triggers()
    expect(before.filter(({ oid }) => !after.some((one) => one.oid === oid)).map(({ tgname }) => tgname))
      .toEqual(['on_job_changed'])
  })

  test('waits for another installer, and says for whom', async ({ ownDatabase }) => {
    const other = await ownDatabase.connect('owner')
    await other.query(`set application_name = 'supaqueue install'; begin; select pg_advisory_xact_lock(1398100049)`)
    const said: string[] = []

    const applied = applyDatabase(ownDatabase.ownerUrl, (line) => said.push(line))
    await until(() => Promise.resolve(said.length > 0))
    await other.query('commit')
    await applied

    expect(said[0]).toMatch(/^supaqueue install \(role postgres, pid \d+\) is at work on supaqueue in this database/)
  })

  test('by two installers at once is done once', async ({ empty }) => {
    const said: string[] = []

    await Promise.all([
      applyDatabase(empty.ownerUrl, (line) => said.push(line), ['api']),
      applyDatabase(empty.ownerUrl, (line) => said.push(line), ['api']),
    ])

    expect(said.filter((line) => line.endsWith(': applied'))).toHaveLength(migrations.length)
  })

  test('says when pg_cron is not there, and installs all the same', async ({ empty }) => {
    await (await empty.connect('admin')).query('drop schema cron cascade')
    const said: string[] = []

    await applyDatabase(empty.ownerUrl, (line) => said.push(line), ['api'])

    expect(said).toContain('sweep: pg_cron is not there, so only by hand')
  })
})

describe('applying is refused and changes nothing', () => {
  test('when a migration was applied with other contents', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query(`update supaqueue.migration set checksum = 'other' where name = $1`, [migrations[1]!.name])
    await owner.query(
      `create or replace function supaqueue_internal.concurrency() returns integer language sql as 'select 1'`,
    )
    const before = await catalogueOf(ownDatabase)

    expect(await refusal(applyDatabase(ownDatabase.ownerUrl))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(migrations[1]!.name),
      hint: expect.stringContaining('A released migration never changes'),
    })

    expect(await catalogueOf(ownDatabase)).toEqual(before)
  })

  test('where a dump of the schema alone has left tables without rows', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query('delete from supaqueue.migration')
    const before = await catalogueOf(ownDatabase)
    const db = openDatabase(ownDatabase.ownerUrl)
    const found = await schemaCheck.inspect({ db } as unknown as Project, undefined as never)
    await db.end()

    expect(await refusal(applyDatabase(ownDatabase.ownerUrl))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining('without the rows that belong to them'),
      hint: expect.stringMatching(/Restore the rows, too.*or start over: pnpm supaqueue:remove/),
    })
    expect(found).toMatchObject({ ok: false, detail: expect.stringContaining('without the rows') })
    expect(await catalogueOf(ownDatabase)).toEqual(before)
  })

  test('when a long transaction holds a table whose triggers change, and names who holds it', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    const owner = await ownDatabase.connect('owner')
    await owner.query(`update supaqueue.applied_file set checksum = 'of an older release'`)
    const before = await catalogueOf(ownDatabase)
    await harness.begin()
    await harness.job(queue)
    const { rows: [{ pid }] } = await harness.db.query('select pg_backend_pid() as pid')

    expect(await refusal(applyDatabase(ownDatabase.ownerUrl, undefined, [], { withinMs: 2500 }))).toMatchObject({
      code: 'SQ423',
      message: expect.stringMatching(
        new RegExp(`supaqueue.job.* held by .*role authenticator, pid ${pid}, idle in transaction`),
      ),
      hint: expect.stringMatching(/^The tables are as they were\. End that transaction/),
    })

    await harness.commit()
    expect(await catalogueOf(ownDatabase)).toEqual(before)
  })

  test('and names nobody who holds a table of a copy of this database', async ({ ownDatabase }) => {
    const copy = await testDatabase()
    try {
      const elsewhere = harnessOf(await copy.connect())
      const queue = await elsewhere.queue()
      await elsewhere.begin()
      await elsewhere.job(queue)
      // So long that who waits for it would say so.
      await until(async () => {
        const { rows } = await elsewhere.db.query(`select clock_timestamp() > now() + interval '2 seconds' as long`)
        return rows[0].long
      })
      const harness = harnessOf(await ownDatabase.connect())
      const own = await harness.queue()
      await (await ownDatabase.connect('owner')).query(`update supaqueue.applied_file set checksum = 'old'`)
      await harness.begin()
      await harness.job(own)
      const { rows: [{ pid }] } = await harness.db.query('select pg_backend_pid() as pid')

      const { message } = await refusal(applyDatabase(ownDatabase.ownerUrl, undefined, [], { withinMs: 2500 })) as Error

      expect(message).toContain(`pid ${pid}`)
      expect(message.match(/pid/g)).toHaveLength(1)
    } finally {
      await copy.drop()
    }
  })

  test('when a table of that name is there already, and names the file', async ({ empty }) => {
    const owner = await empty.connect('owner')
    await owner.query('create schema supaqueue; create table supaqueue.job (mine text)')

    expect(await refusal(applyDatabase(empty.ownerUrl, undefined, ['api']))).toMatchObject({
      message: expect.stringMatching(/^0001_core: relation "job" already exists/),
    })

    const { rows } = await owner.query(`select relname from pg_class where relnamespace = 'supaqueue'::regnamespace`)
    expect(rows).toEqual([{ relname: 'job' }])
  })
})
