import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

const fix = async (house: ReturnType<typeof houseOf>) =>
  (await house.db.query('select supaqueue_internal.fix_lines() as fixed')).rows[0].fixed

describe('the sweep', () => {
  test('gives jobs their places that came while triggers were switched off, and takes away what is left of ended ones', async ({ house, another }) => {
    const line = await inLine(house)
    const ended = await line.job('a')
    const admin = await another('admin')
    await admin.db.query(`set session_replication_role = replica`)
    await admin.db.query(`update supaqueue.job set status = 'cancelled', finished_at = now() where id = $1`, [ended])
    await admin.db.query(
      `insert into supaqueue.job (queue, concurrency_key) values ($1, 'a'), ($1, 'b')`,
      [line.queue],
    )
    await admin.db.query(`reset session_replication_role`)

    await fix(house)

    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b'])
    expect(await line.take()).toHaveLength(2)
    expect(await fix(house)).toBe(0)
  })

  test('forms all lines anew where the triggers were missing', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect('owner'))
    const line = await inLine(house)
    await house.db.query('drop trigger on_line_joined on supaqueue.job')
    const jobs = [await line.job('a'), await line.job('a')]

    await house.sweep()

    expect(await line.places()).toEqual(jobs.map((job) => ({ line: '=a', job })))
    expect(await line.take()).toEqual([jobs[0]])
  })

  test('notes the first of a line that nobody has noted', async ({ house }) => {
    const line = await inLine(house)
    const job = await line.job('a')
    await house.db.query('delete from supaqueue.line_change where queue = $1', [line.queue])
    expect(await line.take()).toEqual([])

    await fix(house)

    expect(await line.take()).toEqual([job])
  })

  test('sets aside what a trigger of the user refuses, and fixes all others', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect('owner'))
    const admin = houseOf(await ownDatabase.connect('admin'))
    const line = await inLine(house)
    const bad = await line.job('bad')
    for (const key of ['a', 'b', 'c', 'd']) await line.job(key)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query('delete from supaqueue.place_in_line')
    await admin.db.query('reset session_replication_role')
    await house.db.query(`
      create function public.harm() returns trigger language plpgsql as
        $$ begin if new.line = '=bad' then raise exception 'mine'; end if; return new; end $$;
      create trigger harm before insert on supaqueue.place_in_line for each row execute function public.harm()`)

    // A page of eight, four, two, one: then the others, and all once more.
    for (const _ of Array(12).keys()) await house.db.query('select supaqueue_internal.fix_lines(most => 8)')

    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b', '=c', '=d'])
    expect((await house.db.query('select kind, job, reason from supaqueue.trouble')).rows).toEqual([
      { kind: 'lines', job: bad, reason: 'mine' },
    ])

    await house.db.query('drop trigger harm on supaqueue.place_in_line')
    for (const _ of Array(12).keys()) await house.db.query('select supaqueue_internal.fix_lines(most => 8)')
    expect((await line.places()).map((place) => place.line)).toEqual(['=a', '=b', '=bad', '=c', '=d'])
  })
})
