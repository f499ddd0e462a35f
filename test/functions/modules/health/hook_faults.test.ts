import { expect } from 'vitest'
import { harness as harnessOf } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test('what hooks miss is found, each with the statement that fixes it', async ({ database, harness: service }) => {
  await makeHealthy(database, service)
  const harness = harnessOf(await database.connect('owner'))
  await harness.queue({ name: 'thumbnails' })
  await harness.db.query(`
    create table public.photos (id integer primary key, path text);
    select supaqueue.on_change('public.photos', 'thumbnails')`)
  expect(await codes(harness)).toEqual([])

  const { rows } = await harness.db.query(
    `select tgname from pg_trigger where tgrelid = 'public.photos'::regclass order by 1`,
  )
  await harness.db.query(`drop trigger ${rows[0].tgname} on public.photos`)
  await harness.db.query(`alter table public.photos disable trigger ${rows[1].tgname}`)
  expect(await codes(harness)).toEqual(['hook_trigger_disabled', 'hook_trigger_missing'])

  for (const { remedy } of await findings(harness)) await harness.db.query(remedy!)
  expect(await codes(harness)).toEqual([])

  await harness.db.query(`select supaqueue.pause_hook('photos_thumbnails', 'seeding')`)
  const [off] = await findings(harness)
  expect(off).toMatchObject({
    code: 'hook_off',
    severity: 'info',
    text: expect.stringMatching(/has captured no change of public\.photos for .*: seeding$/),
    queue: 'thumbnails',
  })
  await harness.db.query(off!.remedy!)

  await harness.db.query('drop table public.photos')
  const [gone] = await findings(harness)
  expect(gone).toMatchObject({ code: 'hook_table_gone', severity: 'warning' })
  await harness.db.query(gone!.remedy!)
  expect(await codes(harness)).toEqual([])
})

test('a column that is gone, and what a soft hook lost', async ({ database, harness: service }) => {
  await makeHealthy(database, service)
  const harness = harnessOf(await database.connect('owner'))
  await harness.queue({ name: 'thumbnails' })
  await harness.db.query(`
    create table public.photos (id integer primary key, path text);
    insert into public.photos values (1, 'a');
    select supaqueue.on_change('public.photos', 'thumbnails', columns => '{path}');
    select supaqueue.pause('thumbnails');
    alter table public.photos rename path to place;
    update public.photos set place = 'b'`)
  const faulty = (await findings(harness)).find(({ code }) => code === 'hook_faulty')
  expect(faulty).toMatchObject({
    text: expect.stringContaining('every change counts'),
    remedy: expect.stringContaining(`columns => '{path}');`),
  })
  await harness.db.query(faulty!.remedy!.replace('{path}', '{place}'))
  expect(await codes(harness)).toEqual(['paused'])

  await harness.db.query(
    `insert into supaqueue.hook_fault (hook, code, reason, lost) select id, 'SQ422', 'too much', 3 from supaqueue.hook`,
  )
  const lost = (await findings(harness)).find(({ code }) => code === 'hook_lost')
  expect(lost?.text).toContain('lost 3 changes: too much')
  await harness.db.query(lost!.remedy!)
  expect(await codes(harness)).toEqual(['paused'])
})

test('a backfill that does not go on is found, with its reason, and not at its first failure', async ({ database, harness: service }) => {
  await makeHealthy(database, service)
  const harness = harnessOf(await database.connect('owner'))
  await harness.queue({ name: 'thumbnails' })
  await harness.db.query(`
    create table public.photos (id integer primary key);
    select supaqueue.on_change('public.photos', 'thumbnails', payload => 'keys');
    insert into public.photos values (1); delete from supaqueue.job;
    select supaqueue.backfill('photos_thumbnails', '1 / (new.id - 1) > 0')`)
  const fail = async () => {
    await harness.db.query(
      `update supaqueue.backfill set last_at = now() - interval '1 minute', next_try_at = '-infinity'`,
    )
    await harness.db.query('select supaqueue_internal.run_backfills()')
  }
  await fail()
  expect(await codes(harness)).toEqual([])
  await fail()
  await fail()

  const [stuck] = await findings(harness)
  expect(stuck).toMatchObject({
    code: 'backfill_stuck',
    text: expect.stringContaining('division by zero (22012)'),
    queue: 'thumbnails',
  })
  await harness.db.query(stuck!.remedy!)
  expect(await codes(harness)).toEqual([])
})
