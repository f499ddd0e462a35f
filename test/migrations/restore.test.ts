import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase, configureDatabase } from '../../scripts/cli/database/apply.ts'
import { type Postgres, startPostgres } from '../../scripts/dev/postgres.ts'
import { installStandIns } from '../../scripts/dev/standins/standins.ts'
import { catalogue } from '../support/catalogue.ts'
import { prepare } from '../support/cluster.ts'
import { dump, restore, servers } from '../support/dump.ts'
import { type Harness, harness as harnessOf } from '../support/harness.ts'

// With PostgreSQL's own pg_dump and psql, as docs/backup.md says, in the rights of `postgres`, who is no superuser.

/** What docs/backup.md says to leave out of a dump of the data. */
const page = readFileSync(new URL('../../docs/backup.md', import.meta.url), 'utf8')
const preamble = /echo '(set session_replication_role[^']*)'/.exec(page)![1]!
const leftOut = [...new Set(page.match(/--exclude-table-data=\S+/g))].map((option) => option.replaceAll(`'`, ''))

if (servers().length === 0) test.skip('there is no pg_dump on this machine')

describe.each(servers())('with pg_dump and psql, PostgreSQL %i', (version, programs) => {
  let postgres: Postgres
  const clients: pg.Client[] = []

  const connect = async (role: 'owner' | 'admin' | 'authenticator', database: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: postgres.urlFor(role, database) })
    await client.connect()
    clients.push(client)
    if (role === 'authenticator') await client.query('set role service_role')
    return client
  }
  const harnessIn = async (database: string): Promise<Harness> => harnessOf(await connect('authenticator', database))
  const owner = (database: string) => postgres.urlFor('owner', database)

  beforeAll(async () => {
    postgres = await startPostgres({ version, inMemory: true })
    await prepare(postgres, 'source')
    await furnish(await harnessIn('source'))
    // As the platform does.
    await (await connect('admin', 'postgres')).query('grant set on parameter session_replication_role to postgres')
  })
  afterAll(async () => {
    for (const client of clients) await client.end()
    await postgres?.close()
  })

  /** A project that supaqueue was installed into, with nothing in it. */
  async function installed(name: string): Promise<Harness> {
    await prepare(postgres, name)
    return await harnessIn(name)
  }

  /** Jobs in every state: two that ended, one in progress that was begun, one held, three that wait, one of them for another. */
  async function furnish(harness: Harness): Promise<void> {
    const queue = await harness.queue({ name: 'letters', workers: 2, retry_base_ms: 0 })
    const run = randomUUID()
    for (let n = 0; n < 6; n++) await harness.job(queue, { payload: { n }, ...(n > 3 && { priority: -1 }) })
    const [one, two] = await harness.take(run, queue)
    await harness.report(run, queue, [one!.current_job.id], 'success', { result: { ok: true } })
    await harness.report(run, queue, [two!.current_job.id], 'killed', { error: 'boom' })
    await harness.db.query(
      `select supaqueue.enqueue('letters', '{"n": 6}', held => true, dedupe_key => 'six')`,
    )
    await harness.db.query(
      `select supaqueue.enqueue('letters', '{"n": 7}', depends_on => array(select id from supaqueue.job where status = 'pending' limit 1))`,
    )
    await harness.db.query(`
      select supaqueue.allow('letters', 'authenticated', per_minute => 5);
      insert into supaqueue.schedule (name, queue, cron) select 'daily', id, '0 3 * * *' from supaqueue.queue`)
  }

  const jobs = async (harness: Harness) =>
    (await harness.db.query(`select id, payload, status, attempts, result, dedupe_key from supaqueue.job order by id`))
      .rows
  // Held by hand is held for good; what is held since it waits for another goes on when that has ended.
  const isOpen = (job: { status: string; dedupe_key: string | null }) =>
    /pending|in_progress/.test(job.status) || job.status === 'held' && job.dedupe_key !== 'six'
  const settled = (rows: Awaited<ReturnType<typeof jobs>>) => rows.filter((job) => !isOpen(job))

  /** Ends all that there is to do, and says how often each job was handed out. */
  async function finish(harness: Harness): Promise<Map<number, number>> {
    await harness.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
    const begun = new Map<number, number>()
    const { rows: queues } = await harness.db.query('select id from supaqueue.queue')
    for (let round = 0; round < 6; round++) {
      await harness.sweep()
      for (const { id: queue } of queues) {
        const run = randomUUID()
        const taken = await harness.take(run, queue)
        for (const { job } of taken) begun.set(job.id, (begun.get(job.id) ?? 0) + 1)
        const tokens = taken.map(({ current_job }) => current_job.id)
        if (tokens.length > 0) await harness.report(run, queue, tokens, 'success', { result: {} })
      }
      await harness.db.query(`update supaqueue.job set run_at = now() where status = 'pending'`)
    }
    return begun
  }

  /** Each job that was there is there once, what had ended did not begin again, and new ones find their place. */
  async function expectWhole(harness: Harness, before: Awaited<ReturnType<typeof jobs>>) {
    expect(settled(await jobs(harness))).toEqual(settled(before))
    const begun = await finish(harness)
    const after = await jobs(harness)

    expect(after.map(({ id, payload }) => ({ id, payload }))).toEqual(
      before.map(({ id, payload }) => ({ id, payload })),
    )
    const open = before.filter(isOpen).map(({ id }) => id)
    for (const id of open) expect(begun.get(id)).toBe(1)
    for (const { id, status } of settled(before)) expect([id, status, begun.get(id)]).toEqual([id, status, undefined])
    const waiting = after.filter(isOpen)
    expect(waiting).toEqual([])

    const { rows: [{ id }] } = await harness.db.query(`select supaqueue.enqueue('letters', '{"new": true}') as id`)
    expect(id).toBeGreaterThan(Math.max(...before.map((job) => job.id)))
    const { rows: held } = await harness.db.query(
      `select supaqueue.enqueue('letters', dedupe_key => 'six', on_conflict => 'skip') as id`,
    )
    expect(before.find((job) => job.id === held[0].id)?.dedupe_key).toBe('six')
    expect((await harness.db.query(`select kind, reason from supaqueue.trouble`)).rows).toEqual([])
  }

  test('a dump of all, restored into another database, is the same installation, and goes on', async () => {
    const source = await harnessIn('source')
    const before = await jobs(source)
    const text = await dump(programs, owner('source'), [
      '-n',
      'public',
      '-n',
      'supaqueue',
      '-n',
      'supaqueue_internal',
      '--quote-all-identifiers',
    ])
    await postgres.createDatabase('whole')
    await installStandIns(postgres.urlFor('admin', 'whole'))
    // As the CLI has it: the schema public is there already.
    await restore(programs, owner('whole'), text.replace(/^CREATE SCHEMA "public";$/m, ''))
    await applyDatabase(owner('whole'), undefined, ['api'])
    await configureDatabase(owner('whole'), { functionsUrl: 'http://127.0.0.1:9/functions/v1', secret: 'another' })

    // Reading its own words again, PostgreSQL leaves out parentheses that change nothing.
    const installation = async (database: string) =>
      (await catalogue(await connect('owner', database))).map((line) =>
        line.replace(/[()]/g, '').replace(/ acl \{([^}]*)\}/, (_, acl: string) => ` acl ${acl.split(',').sort()}`)
      )
    expect(await installation('whole')).toEqual(await installation('source'))
    await expectWhole(await harnessIn('whole'), before)
  })

  test('a dump of the data, restored with triggers off into a project that supaqueue is installed in, goes on', async () => {
    const before = await jobs(await harnessIn('source'))
    const harness = await installed('data')
    const text = await dump(programs, owner('source'), ['--data-only', '-n', 'supaqueue', ...leftOut])
    await restore(programs, owner('data'), `${preamble}\n${text}`)

    await expectWhole(harness, before)
  })

  test('of the tables of queues and jobs alone, in any order, it goes on as well: what was left out is found', async () => {
    const before = await jobs(await harnessIn('source'))
    const harness = await installed('some')
    for (const table of ['job', 'worker', 'queue']) {
      const text = await dump(programs, owner('source'), ['--data-only', '-t', `supaqueue.${table}`])
      await restore(programs, owner('some'), `set session_replication_role = replica;\n${text}`)
    }
    // The sequence of ids is what `-t` leaves out, and so is whoever waits for whom.
    expect((await harness.db.query('select from supaqueue.heartbeat')).rowCount).toBe(0)

    await harness.sweep()
    expect((await harness.db.query('select from supaqueue.heartbeat')).rowCount).toBe(1)
    await expectWhole(harness, before)
  })

  test('with triggers on it stops before anything is written, and says how to go on', async () => {
    const harness = await installed('refused')
    const text = await dump(programs, owner('source'), ['--data-only', '-n', 'supaqueue', ...leftOut])

    await expect(restore(programs, owner('refused'), text)).rejects.toThrow(/session_replication_role/)
    expect(await jobs(harness)).toEqual([])
    expect((await harness.db.query('select from supaqueue.queue')).rowCount).toBe(0)
  })

  test('a copy knows whose it is, and that it is to call nobody', async () => {
    const origin = new pg.Client({ connectionString: owner('source') })
    await origin.connect()
    await origin.query(`select supaqueue_internal.is_own_project('https://source.supabase.co')`)
    await origin.end()
    const text = await dump(programs, owner('source'), ['--data-only', '-n', 'supaqueue', ...leftOut])
    const harness = await installed('clone')
    // It has served something before the data came.
    await harness.db.query(`select supaqueue_internal.is_own_project('https://clone.supabase.co')`)
    await restore(programs, owner('clone'), `${preamble}\n${text}`)

    const { rows } = await harness.db.query(
      `select supaqueue_internal.is_own_project('https://clone.supabase.co') as clone, supaqueue_internal.is_own_project('https://source.supabase.co') as source`,
    )
    expect(rows).toEqual([{ clone: false, source: false }])
  })

  test('a copy whose queues are paused within the restore begins nothing', async () => {
    const text = await dump(programs, owner('source'), ['--data-only', '-n', 'supaqueue', ...leftOut])
    const harness = await installed('copy')
    const pause = /^update supaqueue\.queue.*$/m.exec(page)![0]
    await restore(programs, owner('copy'), `${preamble}\n${text}\n${pause}`)

    expect(await finish(harness)).toEqual(new Map())
  })
})
