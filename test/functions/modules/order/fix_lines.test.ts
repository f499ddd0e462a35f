import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

const fix = async (harness: ReturnType<typeof harnessOf>) =>
  (await harness.db.query('select supaqueue_internal.fix_lines() as fixed')).rows[0].fixed

describe('the sweep', () => {
  test('gives jobs their places that came while triggers were switched off, and takes away what is left of ended ones', async ({ harness, another }) => {
    const line = await inLine(harness)
    const ended = await line.job('a')
    const admin = await another('admin')
    await admin.db.query(`set session_replication_role = replica`)
    await admin.db.query(`update supaqueue.job set status = 'cancelled', finished_at = now() where id = $1`, [ended])
    await admin.db.query(
      `insert into supaqueue.job (queue, concurrency_key) values ($1, 'a'), ($1, 'b')`,
      [line.queue],
    )
    await admin.db.query(`reset session_replication_role`)

    await fix(harness)

    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b'])
    expect(await line.take()).toHaveLength(2)
    expect(await fix(harness)).toBe(0)
  })

  test('forms all lines anew where the triggers were missing', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const line = await inLine(harness)
    await harness.db.query('drop trigger on_line_joined on supaqueue.job')
    const jobs = [await line.job('a'), await line.job('a')]

    await harness.sweep()

    expect(await line.places()).toEqual(jobs.map((job) => ({ line: '=a', job })))
    expect(await line.take()).toEqual([jobs[0]])
  })

  test('notes the first of a line that nobody has noted', async ({ harness }) => {
    const line = await inLine(harness)
    const job = await line.job('a')
    await harness.db.query('delete from supaqueue.line_change where queue = $1', [line.queue])
    expect(await line.take()).toEqual([])

    await fix(harness)

    expect(await line.take()).toEqual([job])
  })

  test('sets aside what a trigger of the user refuses, and fixes all others', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const line = await inLine(harness)
    const bad = await line.job('bad')
    for (const key of ['a', 'b', 'c', 'd']) await line.job(key)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query('delete from supaqueue.place_in_line')
    await admin.db.query('reset session_replication_role')
    await harness.db.query(`
      create function public.harm() returns trigger language plpgsql as
        $$ begin if new.line = '=bad' then raise exception 'mine'; end if; return new; end $$;
      create trigger harm before insert on supaqueue.place_in_line for each row execute function public.harm()`)

    // A page of eight, four, two, one: then the others, and all once more.
    for (const _ of Array(12).keys()) await harness.db.query('select supaqueue_internal.fix_lines(most => 8)')

    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b', '=c', '=d'])
    expect((await harness.db.query('select kind, job, reason from supaqueue.trouble')).rows).toEqual([
      { kind: 'lines', job: bad, reason: 'mine' },
    ])

    await harness.db.query('drop trigger harm on supaqueue.place_in_line')
    for (const _ of Array(12).keys()) await harness.db.query('select supaqueue_internal.fix_lines(most => 8)')
    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b', '=bad', '=c', '=d'])
  })
})
