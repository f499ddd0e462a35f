import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import type { TestDatabase } from '../../../support/database.ts'

// A schema that service_role may not enter, as most schemas of users are.
async function closed(database: TestDatabase, refersTo: string) {
  const harness = harnessOf(await database.connect())
  const owner = await database.connect('owner')
  await owner.query(`create schema mine;
    create table mine.report (ours ${refersTo} deferrable initially deferred)`)
  return { harness, owner }
}
const troubles = async (harness: ReturnType<typeof harnessOf>) =>
  (await harness.db.query('select kind, job, code from supaqueue.trouble')).rows

describe('a deferred foreign key of a table that service_role may not reach', () => {
  test('stops neither a sweep nor pruning by hand for other jobs', async ({ ownDatabase }) => {
    const { harness, owner } = await closed(ownDatabase, 'bigint references supaqueue.job')
    const queue = await harness.queue()
    const [kept] = await harness.jobs(queue, 5)
    await harness.db.query(
      `update supaqueue.job set status = 'success', finished_at = now() - interval '9 days' where queue = $1`,
      [queue],
    )
    await owner.query('insert into mine.report values ($1)', [kept])
    const left = async () => (await harness.db.query('select id from supaqueue.job where queue = $1', [queue])).rows

    await harness.sweep()

    expect(await left()).toEqual([{ id: kept }])
    expect(await troubles(harness)).toEqual([{ kind: 'prune', job: kept, code: '23503' }])
    await owner.query('delete from mine.report')
    await harness.db.query('update supaqueue.trouble set next_try_at = now()')
    await harness.db.query('select supaqueue.prune()')
    expect(await left()).toEqual([])
  })

  test('stops no other report of a turn', async ({ ownDatabase }) => {
    const { harness, owner } = await closed(ownDatabase, 'uuid references supaqueue.current_job')
    const queue = await harness.queue({ workers: 3 })
    await harness.jobs(queue, 3)
    const run = randomUUID()
    const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
    await owner.query('insert into mine.report values ($1)', [tokens[0]])

    const { again } = await harness.report(run, queue, tokens)

    expect(again).toEqual([tokens[0]])
    const { rows } = await harness.db.query('select status::text from supaqueue.job order by id')
    expect(rows.map(({ status }) => status)).toEqual(['in_progress', 'success', 'success'])
  })

  test('sets off no trigger that has its name', async ({ ownDatabase }) => {
    const { harness, owner } = await closed(ownDatabase, 'bigint references supaqueue.job')
    await owner.query(`
      create table mine.other (n integer);
      create function mine.set_off() returns trigger language plpgsql as
        $$ begin raise exception 'set off as %', current_user; end $$;
      create constraint trigger report_ours_fkey after insert on mine.other deferrable initially deferred
        for each row execute function mine.set_off();
      grant insert on mine.other to service_role;
      create function public.come() returns void language sql security definer as 'insert into mine.other values (1)'`)

    await harness.begin()
    await harness.db.query('select public.come()')
    await harness.db.query('select supaqueue_internal.fire_deferred_as_owner()')
    await expect(harness.commit()).rejects.toThrow('set off as')
  })
})
