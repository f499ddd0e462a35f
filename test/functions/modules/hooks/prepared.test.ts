import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../../../scripts/dev/postgres.ts'
import { prepare } from '../../../support/cluster.ts'
import { type Harness, harness } from '../../../support/harness.ts'

// A write that is prepared for a two-phase commit, on a server that allows it, as a project's does not by default.

let server: Postgres
const clients: pg.Client[] = []
let made = 0

beforeAll(async () => {
  server = await startPostgres({ inMemory: true, settings: { max_prepared_transactions: '10' } })
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})))
  await server?.close()
})

async function connect(name: string, role: 'owner' | 'admin' = 'owner'): Promise<Harness> {
  const client = new pg.Client({ connectionString: server.urlFor(role, name) })
  client.on('error', () => {})
  clients.push(client)
  await client.connect()
  return harness(client)
}

/** A database with a table, a queue with so many workers, and a hook; two sessions of its owner. */
async function project(workers: number, more = '') {
  const name = `prepared_${++made}`
  await prepare(server, name)
  const [owner, other, admin] = [await connect(name), await connect(name), await connect(name, 'admin')]
  // The worker of pg_net is set off by a latch, the stand-in's by a NOTIFY, which cannot be prepared.
  await admin.db.query('create or replace function net.wake() returns void language sql as $$ select $$')
  const queue = await owner.queue({ name: 'q', workers, ...more && { ordered: 'key', dedupe_until: 'begun' } })
  await owner.db.query(`
    create table public.photos (id integer primary key, path text);
    select supaqueue.on_change('public.photos', 'q'${more})`)
  for (const session of [owner, other]) await session.db.query(`set lock_timeout = '3s'`)
  return { owner, other, queue }
}

const types = async ({ db }: Harness) =>
  (await db.query(`select payload ->> 'type' as type from supaqueue.job order by id`)).rows.map(({ type }) => type)

describe('a hook and PREPARE TRANSACTION', () => {
  for (const more of ['', `, ordered => 'key', coalesces => 'key'`]) {
    test(`the job is there once its write is committed, and runs${more && ', in order'}`, async () => {
      const { owner, other, queue } = await project(2, more)
      await owner.db.query(
        `begin; insert into public.photos values (1, 'a'), (2, 'b'); update public.photos set path = 'c' where id = 1; prepare transaction 'one'`,
      )
      expect(await types(other)).toEqual([])

      await other.db.query(`commit prepared 'one'`)
      expect((await types(other)).sort()).toEqual(more ? ['INSERT', 'INSERT'] : ['INSERT', 'INSERT', 'UPDATE'])

      // The wake-up may have come to nobody; the sweep sees to it.
      await other.db.query(
        `update supaqueue.heartbeat set awake_until = now() - interval '1 second', run = null where true`,
      )
      await other.sweep()
      const run = randomUUID()
      const jobs = []
      for (let i = 0; i < 4; i++) {
        const taken = await other.take(run, queue)
        jobs.push(...taken)
        await other.report(run, queue, taken.map(({ current_job: { id } }) => id))
      }
      expect(new Set(jobs.map(({ job }) => job.id)).size).toBe(more ? 2 : 3)
    })
  }

  test('there is no job when it is rolled back', async () => {
    const { owner, other } = await project(1)
    await owner.db.query(`begin; insert into public.photos values (1, 'a'); prepare transaction 'two'`)
    await other.db.query(`rollback prepared 'two'`)

    expect(await types(owner)).toEqual([])
    await owner.db.query(`insert into public.photos values (1, 'a')`)
    expect(await types(owner)).toEqual(['INSERT'])
    expect((await owner.db.query('select from supaqueue.worker where locked')).rowCount).toBe(1)
  })

  test('nobody is notified by it, though a leader listens: PostgreSQL would refuse to prepare it', async () => {
    const { owner, other } = await project(1)
    await owner.db.query(
      `update supaqueue.heartbeat set run = $1, awake_until = now() + interval '1 minute', listens_until = now() + interval '1 minute'
       where true`,
      [randomUUID()],
    )

    await owner.db.query(`begin; insert into public.photos values (1, 'a'); prepare transaction 'four'`)
    await other.db.query(`commit prepared 'four'`)

    expect(await types(owner)).toEqual(['INSERT'])
  })

  test('while it is prepared, others write, run and sweep, and wait for nothing', async () => {
    const { owner, other, queue } = await project(2)
    await owner.db.query(`begin; insert into public.photos values (1, 'a'); prepare transaction 'three'`)

    await other.db.query(`insert into public.photos values (2, 'b')`)
    await other.sweep()
    const run = randomUUID()
    const taken = await other.take(run, queue)
    expect(taken).toHaveLength(1)
    await other.report(run, queue, taken.map(({ current_job: { id } }) => id))
    await other.db.query(
      `select supaqueue.off_change('none'), supaqueue.pause_hook('photos_q'), supaqueue.resume_hook('photos_q')`,
    )

    await other.db.query(`commit prepared 'three'`)
    expect(await types(other)).toEqual(['INSERT', 'INSERT'])
  })
})
