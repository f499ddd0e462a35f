import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../../support/harness.ts'
import { root } from '../../support/markdown.ts'

// Whatever a user puts on one of our tables does to the rows of one queue, the others go on, no turn and no sweep raises,
// what cannot be done is named, and once it is gone nothing has been lost.

/** What a user puts on a table with these keys, so that it befalls the rows that public.hurts() names: how it comes, and goes;
 * `go` is what health() has to say where it stops others, `sweep` what the test leaves behind beside it. */
export type Harm = (table: string, keys: string | null) => { come: string; go: string; sweep?: string }

type Which = (table: string, harm: string) => boolean

export type Exceptions = {
  /** PostgreSQL refuses the statement whatever its rows, so that others stop, too: health() names what stands there. */
  stops?: Which
  /** What it refuses may come a while later: health() names it with what drops it. */
  delays?: Which
  /** Its rows are what is counted, and stay as they were without a word. */
  uncounted?: Which
  /** Each harm once, each on another table, in place of all on each. */
  sample?: boolean
}

/** Of which rows: those of one queue, and of tables that have one row, that. */
const hurting = `
  create table public.hurt (queue uuid);
  create function public.hurts(seen jsonb) returns boolean language sql security definer as $$
    select coalesce(bool_or(
      seen ? 'only_one'
      or hurt.queue::text in (seen ->> 'queue', seen ->> 'id', seen ->> 'notify')
      or seen ->> 'name' like 'bad%' or seen ->> 'target' like '%bad%'
      or exists (
        select from supaqueue.job
        where job.queue = hurt.queue and job.id::text in (seen ->> 'job', seen ->> 'source', seen ->> 'target')
      )
    ), false) from public.hurt
  $$`

const written = [
  ...new Set(
    readdirSync(join(root, 'migrations')).filter((file) => file.endsWith('.sql')).flatMap((file) =>
      [...readFileSync(join(root, 'migrations', file), 'utf8').matchAll(/^create table supaqueue\.(\w+)/gm)]
        .map(([, name]) => name!)
    ),
  ),
].filter((name) => !['migration', 'applied_file', 'setting'].includes(name))

/** What explain may say while a job moves, and not when nothing does. */
const comfortable = ['awake', 'asleep', 'paired', 'running', 'ahead', 'workers', 'lost', 'dispatch']

async function queueOf(harness: Harness, name: string): Promise<string> {
  const queue = await harness.queue({
    name,
    workers: 4,
    edge_function_name: name,
    retry_base_ms: 0,
    // Each walk has a job fail once.
    max_attempts: 20,
    keep_success_attempts: true,
  })
  await harness.db.query('select supaqueue.set_max_rps($1, 1000, 1000)', [name])
  await harness.db.query(
    `insert into supaqueue.schedule (name, queue, cron, next_at, overlap)
     values ($1, $2, '* * * * *', date_trunc('minute', now()), true)`,
    [name, queue],
  )
  await harness.db.query(
    `insert into supaqueue.alert_rule (name, kind, queue, threshold, notify, raise_after)
     values ($1, 'backlog_older_than', $2, 0, $2, '0')`,
    [name, queue],
  )
  return queue
}

/** Jobs come, one after another and one that waits for another: beside the trigger on job itself before there is one. */
async function enqueue(harness: Harness, queue: string, name: string): Promise<number[]> {
  const jobs = await harness.jobs(queue, 4)
  const { rows: [{ id }] } = await harness.db.query(
    `select supaqueue.enqueue($1, '{}', depends_on => array[$2::bigint]) as id`,
    [
      name,
      jobs[0],
    ],
  )
  return [...jobs, id]
}

/** They are called, put off, tried again; the sweep comes in between. What was called is returned. */
async function walk(harness: Harness, queue: string, turns: number): Promise<number[]> {
  const run = randomUUID()
  const called: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const { jobs } = await harness.turn(run, queue, { room: 4, hello: turn === 0, sleepy: true, have: [] })
    const fresh = jobs.filter(({ current_job }) => current_job)
    const tokens = fresh.map(({ current_job }) => current_job.id)
    if (tokens.length > 0) {
      await harness.called(run, queue, tokens)
      const reports = fresh.map(({ current_job: { id: token }, job }) => {
        const outcome = called.includes(job.id)
          ? 'success' as const
          : (['failed', 'deferred', 'success'] as const)[job.id % 3]!
        called.push(job.id)
        return { token, outcome, ms: 3, result: outcome === 'success' ? { job: job.id } : undefined, retry_after_ms: 0 }
      })
      let again = (await harness.turn(run, queue, { reports })).again
      for (let i = 0; i < 3 && again.length > 0; i++) {
        again = (await harness.turn(run, queue, {
          reports: reports.filter(({ token }) => again.includes(token)),
        })).again
      }
    }
    if (turn % 2 === 1) await harness.sweep()
    await harness.db.query(
      `update supaqueue.job set run_at = least(run_at, now()) where queue = $1 and status = 'pending' and run_at > now()`,
      [queue],
    ).catch(() => {})
  }
  await harness.turn(run, queue, { stop: true })
  return called
}

/** A test of each harm for every table there is, or with `sample` of each harm. */
export function befalls(
  harms: Record<string, Harm>,
  { stops = () => false, delays = () => false, uncounted = () => false, sample = false }: Exceptions = {},
): void {
  const names = Object.keys(harms)
  const tables = sample ? written.slice(0, names.length) : written
  describe.each(tables.map((table, nth) => ({ table, nth })))('on $table', ({ table, nth }) => {
    let database: TestDatabase
    let harness: Harness
    let owner: Harness
    beforeAll(async () => {
      database = await testDatabase()
      harness = harnessOf(await database.connect())
      owner = harnessOf(await database.connect('owner'))
      await owner.db.query(hurting)
    })
    afterAll(() => database.drop())

    const keysOf = async () =>
      (await owner.db.query(
        `select string_agg(format('%I', attname), ', ' order by attnum) as keys from pg_attribute
         join pg_index on indrelid = attrelid and attnum = any (indkey) and indisprimary
         where attrelid = 'supaqueue.${table}'::regclass`,
      )).rows[0].keys as string | null

    test.for(sample ? [names[nth]!] : names)(
      '%s stops the rows of its queue at most',
      async (harm) => {
        const { come, go, sweep = 'select' } = harms[harm]!(table, await keysOf())
        await harness.db.query(
          `delete from supaqueue.queue; delete from supaqueue.trouble; update supaqueue.chore set failures = 0, next_try_at = default`,
        )
        const id = randomUUID().slice(0, 8)
        const [bad, good] = [await queueOf(harness, `bad-${id}`), await queueOf(harness, `good-${id}`)]
        const [bads, goods] = [await enqueue(harness, bad, `bad-${id}`), await enqueue(harness, good, `good-${id}`)]
        const state = async () =>
          (await harness.db.query('select id, updated_at::text from supaqueue.job where id = any ($1)', [bads])).rows
        const befallen = async () => {
          await walk(harness, bad, 4)
          await walk(harness, good, 8)
          if (stops(table, harm)) {
            const { rows: [{ found }] } = await harness.db.query(`select supaqueue.health() -> 'findings' as found`)
            expect(found).toContainEqual(expect.objectContaining({ severity: 'error', remedy: `${go};` }))
            return
          }

          // The other queue: every job, once it had its success never again, and counted.
          const { rows: others } = await harness.db.query(
            `select id, status::text from supaqueue.job where id = any ($1) and status <> 'success'`,
            [goods],
          )
          expect(others).toEqual([])
          const { rows: [counted] } = await harness.db.query(
            `select succeeded >= 5 as all from supaqueue.queue_counters where queue = $1`,
            [good],
          )
          if (!uncounted(table, harm)) expect(counted).toEqual({ all: true })
          // A chore of a table that has one row may fail as a whole, and says so.
          const { rows: chores } = await harness.db.query(
            `select name, error from supaqueue.chore where failures > 0 and not (name = any ($1))`,
            [{ dispatch: ['answers'], last_count: ['enqueued'], trouble: ['troubles'] }[table] ?? []],
          )
          expect(chores).toEqual([])
          // Schedules and alerts say what they say once.
          const { rows: made } = await harness.db.query(
            `select queue.name, count(*) from supaqueue.job join supaqueue.queue on queue.id = job.queue
         where job.id <> all ($1) group by queue.name having count(*) > 5`,
            [[...bads, ...goods]],
          )
          expect(made).toEqual([])
          // Whatever of the bad one does not move says why, and health says so, too.
          const before = await state()
          await walk(harness, bad, 4)
          const { rows: waiting } = await harness.db.query(
            `select id, status::text, supaqueue.explain(id) as why from supaqueue.job where id = any ($1) 
           and status in ('pending', 'in_progress') and (id, updated_at) in (select * from unnest($2::bigint[], $3::timestamptz[]))`,
            [bads, before.map(({ id }) => id), before.map(({ updated_at }) => updated_at)],
          )
          for (const { why } of delays(table, harm) ? [] : waiting) {
            const codes = why.reasons.map(({ code }: { code: string }) => code)
            expect(codes.filter((code: string) => !comfortable.includes(code)), why.text).not.toEqual([])
          }
          const { rows: [{ aside, health }] } = await harness.db.query(
            `select (select count(*) from supaqueue.trouble) as aside, supaqueue.health() -> 'findings' as health`,
          )
          if (delays(table, harm)) {
            expect(health).toContainEqual(expect.objectContaining({ code: 'constraint', remedy: `${go};` }))
          }
          if (aside > 0) expect(health).toContainEqual(expect.objectContaining({ code: 'set_aside' }))
        }
        await owner.db.query('insert into public.hurt values ($1)', [bad])
        await owner.db.query(come)

        try {
          await befallen()
        } finally {
          await owner.db.query(`${go}; ${sweep}; delete from public.hurt`)
        }

        // Well again.
        await harness.db.query(`update supaqueue.chore set next_try_at = default`)
        await harness.db.query('update supaqueue.trouble set next_try_at = clock_timestamp()')
        await harness.db.query('update supaqueue.current_job set lease_until = clock_timestamp()')
        for (let i = 0; i < 3; i++) {
          await harness.sweep()
          await harness.db.query('update supaqueue.trouble set next_try_at = clock_timestamp()')
          await walk(harness, bad, 3)
          await walk(harness, good, 3)
        }
        const { rows: left } = await harness.db.query(
          `select id, status::text, supaqueue.explain(id) ->> 'text' as why from supaqueue.job where id = any ($1) and status <> 'success'`,
          [[...bads, ...goods]],
        )
        expect(left).toEqual([])
        await harness.db.query('update supaqueue.trouble set next_try_at = clock_timestamp()')
        await harness.sweep()
        expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
      },
    )
  })
}
