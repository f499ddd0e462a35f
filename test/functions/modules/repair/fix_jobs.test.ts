import { describe, expect } from 'vitest'
import { until } from '../../../support/until.ts'
import { type House, house as houseOf, test } from '../../../support/house.ts'

const fix = async (house: House): Promise<number> =>
  (await house.db.query('select supaqueue_internal.fix_jobs() as fixed')).rows[0].fixed

describe('fix_jobs', () => {
  test('says of a job that ended without a time that it ended now, so that it is pruned one day', async ({ house, another }) => {
    const admin = await another('admin')
    const queue = await house.queue()
    await admin.db.query('set session_replication_role = replica')
    const job = await admin.job(queue, { status: 'failed' })

    expect(await fix(house)).toBe(1)

    expect((await house.jobRow(job)).finished_at).not.toBeNull()
    expect(await fix(house)).toBe(0)
  })

  test('moves the sequence past ids that were restored, so that inserts go on', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const queue = await house.queue()
    const next = await house.job(queue)
    // As a restore does it: triggers off.
    const admin = houseOf(await ownDatabase.connect('admin'))
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(
      `insert into supaqueue.job (id, queue) overriding system value select $1::bigint + g, $2 from generate_series(1, 50) as g`,
      [next, queue],
    )

    expect(await fix(house)).toBe(1)

    expect(await house.job(queue)).toBeGreaterThan(next + 50)
    expect(await fix(house)).toBe(0)
  })

  test('leaves the sequence alone while jobs come in: those of a large insert would get ids twice', async ({ ownDatabase }) => {
    const [house, owner] = [houseOf(await ownDatabase.connect()), houseOf(await ownDatabase.connect('owner'))]
    const queue = await house.queue()
    await house.job(queue)
    await owner.db.query(`update supaqueue.chore set mark = $1 where name = 'jobs'`, [crypto.randomUUID()])
    await owner.begin()
    await owner.db.query(`select from supaqueue.chore where name = 'jobs' for update`)

    const fixed = fix(house)
    await until(() => owner.isBlocked(house))
    const other = houseOf(await ownDatabase.connect())
    await other.job(queue)
    const bulk = houseOf(await ownDatabase.connect())
    await bulk.begin()
    const last = (await bulk.jobs(queue, 2000)).at(-1)!
    await owner.rollback()

    expect(await fixed).toBe(0)
    expect(await other.job(queue)).toBe(last + 1)
    await bulk.commit()
  })

  test('names an id after which there are none, and moves nothing', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const queue = await house.queue()
    const { rows } = await house.db.query(
      `insert into supaqueue.job (id, queue) overriding system value values (9223372036854775807, $1) returning id::text`,
      [queue],
    ).catch(() => ({ rows: [] as unknown[] }))
    // Where it is refused at the border there is nothing to name.
    if (rows.length === 0) return

    expect(await fix(house)).toBe(0)

    expect(await house.job(queue)).toBeLessThan(10)
    expect((await house.db.query(`select reason from supaqueue.trouble where kind = 'jobs'`)).rows).toHaveLength(1)
  })
})
