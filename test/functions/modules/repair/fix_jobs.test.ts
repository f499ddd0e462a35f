import { describe, expect } from 'vitest'
import { until } from '../../../support/until.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

const fix = async (harness: Harness): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.fix_jobs() as fixed')).rows[0].fixed

describe('fix_jobs', () => {
  test('says of a job that ended without a time that it ended now, so that it is pruned one day', async ({ harness, another }) => {
    const admin = await another('admin')
    const queue = await harness.queue()
    await admin.db.query('set session_replication_role = replica')
    const job = await admin.job(queue, { status: 'failed' })

    expect(await fix(harness)).toBe(1)

    expect((await harness.jobRow(job)).finished_at).not.toBeNull()
    expect(await fix(harness)).toBe(0)
  })

  test('moves the sequence past ids that were restored, so that inserts go on', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    const next = await harness.job(queue)
    // As a restore does it: triggers off.
    const admin = harnessOf(await ownDatabase.connect('admin'))
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(
      `insert into supaqueue.job (id, queue) overriding system value select $1::bigint + g, $2 from generate_series(1, 50) as g`,
      [next, queue],
    )

    expect(await fix(harness)).toBe(1)

    expect(await harness.job(queue)).toBeGreaterThan(next + 50)
    expect(await fix(harness)).toBe(0)
  })

  test('leaves the sequence alone while jobs come in: those of a large insert would get ids twice', async ({ ownDatabase }) => {
    const [harness, owner] = [harnessOf(await ownDatabase.connect()), harnessOf(await ownDatabase.connect('owner'))]
    const queue = await harness.queue()
    await harness.job(queue)
    await owner.db.query(`update supaqueue.chore set mark = $1 where name = 'jobs'`, [crypto.randomUUID()])
    await owner.begin()
    await owner.db.query(`select from supaqueue.chore where name = 'jobs' for update`)

    const fixed = fix(harness)
    await until(() => owner.isBlocked(harness))
    const other = harnessOf(await ownDatabase.connect())
    await other.job(queue)
    const bulk = harnessOf(await ownDatabase.connect())
    await bulk.begin()
    const last = (await bulk.jobs(queue, 2000)).at(-1)!
    await owner.rollback()

    expect(await fixed).toBe(0)
    expect(await other.job(queue)).toBe(last + 1)
    await bulk.commit()
  })

  test('names an id after which there are none, and moves nothing', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    const { rows } = await harness.db.query(
      `insert into supaqueue.job (id, queue) overriding system value values (9223372036854775807, $1) returning id::text`,
      [queue],
    ).catch(() => ({ rows: [] as unknown[] }))
    // Where it is refused at the border there is nothing to name.
    if (rows.length === 0) return

    expect(await fix(harness)).toBe(0)

    expect(await harness.job(queue)).toBeLessThan(10)
    expect((await harness.db.query(`select reason from supaqueue.trouble where kind = 'jobs'`)).rows).toHaveLength(1)
  })
})
