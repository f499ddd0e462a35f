import pg from 'pg'
import { describe, expect } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { admitted, allow } from '../support/door.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'
import { nobody } from './nobody.ts'

// Any role can take an advisory lock of any number and keep it.

const QUEUE = '00000000-0000-4000-8000-00000000a11c'

type Key = { classid: number; objid: number; objsubid: number }

/** Everything there is that one session could stop another with. Each of it says how it went. */
async function walk(harness: Harness, owner: Harness): Promise<Record<string, unknown>> {
  const { db } = harness
  await db.query(
    `insert into supaqueue.queue (id, name, edge_function_name, per_key, max_attempts) values ($1, 'walked', 'hello', 1, 1)`,
    [QUEUE],
  )
  await harness.workers(QUEUE, 2)
  const run = crypto.randomUUID()
  const job = await harness.job(QUEUE, { concurrency_key: 'k1' })
  await harness.job(QUEUE, { concurrency_key: 'k2' })
  const begun = await harness.take(run, QUEUE)
  const ended = await harness.report(run, QUEUE, begun.map(({ current_job }) => current_job.id))
  await owner.db.query(`select supaqueue.pause('walked')`)
  const urgent = await harness.job(QUEUE, { concurrency_key: 'k1' })
  await owner.db.query('select supaqueue.run_now($1)', [urgent])
  await owner.db.query(`select supaqueue.resume('walked')`)
  await allow(owner, 'walked', { per_minute: 5 }, 'anon')
  const opened = await admitted(owner)
  await owner.db.query(`select supaqueue.revoke('walked', 'anon')`)
  const answered = await db.query(
    `select supaqueue.answer_api('postJob', '{}', '{"queue":"walked"}', 'importer', 'key-1', 'hash') ->> 'replayed' as replayed`,
  )
  await db.query(`select public.fn_pgqueuer_enqueue('walked', dedupe_key => 'once')`)
  await db.query('select supaqueue.sweep()')
  await harness.age('heartbeat', QUEUE)
  return {
    begun: begun.length,
    stale: ended.stale,
    status: (await harness.jobRow(job)).status,
    urgent: (await harness.jobRow(urgent)).status,
    opened,
    closed: await admitted(owner),
    replayed: answered.rows[0].replayed,
    enqueued: (await db.query(`select from supaqueue.job where dedupe_key = 'once'`)).rowCount,
    counted: (await db.query('select begun from supaqueue.counter where queue = $1', [QUEUE])).rows[0]?.begun,
  }
}

const good = {
  begun: 2,
  stale: [],
  status: 'success',
  urgent: 'in_progress',
  opened: ['anon'],
  closed: [],
  replayed: 'false',
  enqueued: 1,
  counted: 2,
}

/** The advisory locks that a session took in the transaction it is in. */
const taken = async (session: Harness): Promise<Key[]> =>
  (await session.db.query(
    `select distinct classid::bigint::integer as classid, objid::bigint::text as objid, objsubid from pg_locks
     where locktype = 'advisory' and pid = pg_backend_pid()`,
  )).rows

/** Numbers that stand in the body of a function of ours that speaks of advisory locks. */
async function numbers(db: pg.Client): Promise<number[]> {
  const { rows } = await db.query<{ number: string }>(`
    select distinct number[1] as number
    from pg_proc, regexp_matches(prosrc, '\\m(\\d{5,10})\\M', 'g') as number
    where pronamespace::regnamespace::text in ('supaqueue', 'supaqueue_internal', 'public') and prosrc ~ 'advisory'`)
  return rows.map(({ number }) => Number(number))
}

async function scene(database: TestDatabase) {
  await applyDatabase(database.ownerUrl, undefined, ['pgqueuer'])
  const admin = await database.connect('admin')
  const stranger = await nobody(database)
  const harness = harnessOf(await database.connect())
  const owner = harnessOf(await database.connect('owner'))
  return { admin, stranger, harness, owner }
}

/** Takes a lock of two numbers, and the one that a single number makes of them. */
const squat = (stranger: pg.Client, classid: number, objid: number | string) =>
  stranger.query('select pg_advisory_lock($1::bigint::bit(32)::integer, $2::bigint::bit(32)::integer)', [
    classid,
    objid,
  ])

describe('who may only log in, holding every advisory lock that we take,', () => {
  test('stops nobody: jobs, doors, requests, counters and installs go on', async ({ ownDatabase }) => {
    const { admin, stranger, harness, owner } = await scene(ownDatabase)

    // What is really taken, seen once without him.
    await harness.begin()
    const undisturbed = await walk(harness, harness)
    await harness.db.query('set constraints all immediate')
    const keys = await taken(harness)
    await harness.rollback()

    expect(undisturbed).toMatchObject({ ...good, opened: expect.anything(), closed: expect.anything() })
    const known = await numbers(admin)
    for (const { classid, objid } of keys) await squat(stranger, classid, objid)
    for (const number of known) {
      await squat(stranger, number, 0)
      await stranger.query('select pg_advisory_lock($1::bigint)', [number])
    }

    expect(await walk(harness, owner)).toEqual(good)
    expect(known.length).toBeGreaterThan(0)
    expect(keys.length).toBeGreaterThan(0)
  })

  test('has a queue stay awake and each enqueue cost a wake-up, and no run stay for it', async ({ ownDatabase }) => {
    const { stranger, harness } = await scene(ownDatabase)
    const queue = await harness.queue({ workers: 2 })
    const leader = crypto.randomUUID()
    await harness.turn(leader, queue, { room: 1, hello: true })
    await stranger.query('select pg_advisory_lock(1398100049, uuid_hash($1))', [queue])

    const [first, second] = [await harness.job(queue), await harness.job(queue)]

    expect(await harness.wakeUps(queue)).toBe(2)
    expect((await harness.take(leader, queue)).map(({ job }) => job.id).sort()).toEqual([first, second])
    // The two that were woken have nothing to do.
    for (const run of [crypto.randomUUID(), crypto.randomUUID()]) {
      expect(await harness.turn(run, queue, { room: 1, hello: true, sleepy: true })).toMatchObject({ state: 'leave' })
    }
    expect(await harness.turn(leader, queue, { room: 1, sleepy: true })).toMatchObject({ state: 'awake', leader: true })

    await stranger.query('select pg_advisory_unlock_all()')
    await harness.report(leader, queue, (await harness.currentJobs(queue)).map(({ id }) => id))
    expect(await harness.turn(leader, queue, { room: 1, sleepy: true })).toMatchObject({ state: 'asleep' })
  })

  test('is told from a run that puts the queue to sleep: on that one nobody relies', async ({ ownDatabase }) => {
    const { harness } = await scene(ownDatabase)
    const sleeper = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(crypto.randomUUID(), queue, { room: 1, hello: true })
    await sleeper.begin()
    await sleeper.db.query('select pg_advisory_xact_lock(1398100049, uuid_hash($1))', [queue])

    expect(await harness.turn(crypto.randomUUID(), queue, { room: 1 })).toMatchObject({ state: 'awake', leader: false })
  })

  test('stops no install, which says who he is', async ({ ownDatabase }) => {
    const { stranger } = await scene(ownDatabase)
    const said: string[] = []
    await stranger.query('select pg_advisory_lock(1398100049)')

    await applyDatabase(ownDatabase.ownerUrl, (line) => said.push(line))

    expect(said).toContainEqual(expect.stringMatching(/role nobody_\w+, pid \d+\) holds the lock .* cannot be one/))
  })

  test('finds no advisory lock but that one in any function', async ({ ownDatabase }) => {
    const { admin } = await scene(ownDatabase)
    const { rows } = await admin.query(`select proname from pg_proc where pronamespace::regnamespace::text in
      ('supaqueue', 'supaqueue_internal', 'public', 'fetchq') and prosrc ~ 'advisory' order by proname`)

    expect(rows.map(({ proname }) => proname)).toEqual([
      'ensure_run',
      'fall_asleep',
      'hand_over',
      'has_other_leader',
      'listen',
      'run_may_have_lock',
    ])
  })
})
