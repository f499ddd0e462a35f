import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test('a rule of the user on a table of ours is named, with what drops it', async ({ database, house }) => {
  await makeHealthy(database, house)
  const owner = await database.connect('owner')
  await owner.query('create rule keep as on update to supaqueue.job where new.priority > 5 do instead nothing')

  const [found] = await findings(house)
  expect(found).toMatchObject({ code: 'rule', severity: 'error', remedy: 'drop rule keep on supaqueue.job;' })

  await owner.query(found!.remedy!)
  expect(await codes(house)).toEqual([])
})

test('a trigger of ours that is switched off is named, with what switches it on', async ({ database, house }) => {
  await makeHealthy(database, house)
  const owner = await database.connect('owner')
  await owner.query('alter table supaqueue.job disable trigger on_job_ready')

  const [found] = await findings(house)
  expect(found).toMatchObject({ code: 'trigger_disabled', severity: 'error' })

  await owner.query(found!.remedy!)
  expect(await codes(house)).toEqual([])
})

test('chores whose rows are gone are named', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.db.query(`delete from supaqueue.chore where name in ('prune', 'troubles')`)

  expect(await findings(house)).toMatchObject([{
    code: 'chores_missing',
    severity: 'error',
    text: expect.stringMatching(/^the sweep leaves 2 chores undone, such as prune_finished/),
    remedy: 'npx supaqueue upgrade',
  }])
})

test('every chore that there is takes `most`, and nothing else that returns a number does', async ({ house }) => {
  const { rows } = await house.db.query(`
    select proname from pg_proc
    where pronamespace = 'supaqueue_internal'::regnamespace and prorettype = 'integer'::regtype and 'most' = any (proargnames)
      and pronargs = pronargdefaults
    order by 1`)
  const { rows: chores } = await house.db.query('select routine as proname from supaqueue.chore order by routine')

  expect(rows).toEqual(chores)
})
