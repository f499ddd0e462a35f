import { expect } from 'vitest'
import { harness, test } from '../../../support/harness.ts'
import { begin, filled, goOn, progress } from './backfilled.ts'

test('run_backfills does for each what its rate allows, is stopped by none, and is for the owner alone', async ({ harness, another }) => {
  const owner = await another('owner')
  const [broken, well] = [await filled(owner, 50), await filled(owner, 50)]
  const bad = await begin(owner, broken, `, '1 / (new.id - 1) > -5'`)
  const good = await begin(owner, well, ', rate => 1')
  await owner.db.query('update supaqueue.backfill set slice = 1 where id = $1', [bad])

  expect((await harness.db.query('select supaqueue_internal.run_backfills() as looked')).rows).toEqual([{ looked: 0 }])
  await goOn(owner, bad)
  expect(await progress(owner, bad)).toMatchObject({ status: 'running', code: '22012', reason: 'division by zero' })

  await goOn(owner, good)
  const { rows } = await progress(owner, good)
  expect(rows).toBeGreaterThan(9)
  expect(rows).toBeLessThan(50)
})

test('run_backfills leaves those that it has no time for as they are, and begins with them the next time', async ({ ownDatabase }) => {
  const owner = harness(await ownDatabase.connect('owner'))
  const slow = `, 'case when new.id = 1 then pg_catalog.pg_sleep(1.1) is null end is not true'`
  const begun: number[] = []
  for (let i = 0; i < 3; i++) begun.push(await begin(owner, await filled(owner, 2), slow))
  const looked = async () =>
    (await owner.db.query('select id, last_at is not null as looked, looked_at from supaqueue.backfill order by id'))
      .rows
      .map((row) => row.looked ? row.looked_at : null)

  for (const expected of [[2, null, null], [2, 2, null], [2, 2, 2]]) {
    await owner.db.query(
      `update supaqueue.backfill set last_at = last_at - interval '1 minute', created_at = created_at - interval '1 minute'`,
    )
    await owner.db.query('select supaqueue_internal.run_backfills()')
    expect(await looked()).toEqual(expected)
  }
})

test('where a check takes more than a second for each job, each backfill goes on by one, and those of other queues first', async ({ ownDatabase }) => {
  const owner = harness(await ownDatabase.connect('owner'))
  const tables = [await filled(owner, 20), await filled(owner, 20)]
  const slow = await begin(owner, tables[0]!)
  await begin(owner, tables[1]!)
  await owner.db.query(`
    create function public.lingers(queue uuid) returns boolean language plpgsql as $$
    begin
      if queue = '${tables[0]!.queue}' then perform pg_sleep(1.1); end if;
      return true;
    end $$;
    alter table supaqueue.job add check (public.lingers(queue)) not valid`)
  const looked = async () => {
    await owner.db.query(
      `update supaqueue.backfill set last_at = last_at - interval '1 minute', created_at = created_at - interval '1 minute'`,
    )
    await owner.db.query('select supaqueue_internal.run_backfills()')
    return (await owner.db.query('select id, looked_at::integer from supaqueue.backfill order by id')).rows
      .map((row) => row.looked_at)
  }

  expect(await looked()).toEqual([1, 0])
  expect((await owner.db.query('select kind, queue from supaqueue.trouble')).rows).toEqual([
    { kind: 'slow', queue: tables[0]!.queue },
  ])
  const [ofSlow, ofWell] = await looked()
  expect(ofSlow).toBeLessThan(3)
  expect(ofWell).toBeGreaterThan(0)
  expect(await progress(owner, slow)).toMatchObject({ status: 'running' })
})

test('where a condition takes its time for each row, the next slices are smaller', async ({ ownDatabase }) => {
  const owner = harness(await ownDatabase.connect('owner'))
  const id = await begin(
    owner,
    await filled(owner, 40),
    `, 'case when new.id > 1 then pg_catalog.pg_sleep(0.15) is null end is not true'`,
  )
  await owner.db.query('update supaqueue.backfill set slice = 12')

  expect(await goOn(owner, id)).toBe(12)
  expect((await owner.db.query('select slice from supaqueue.backfill')).rows).toEqual([{ slice: 1 }])
})
