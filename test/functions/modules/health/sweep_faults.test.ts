import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

const LATE = `update supaqueue.last_sweep set swept_at = now() - interval '5 minutes'`

test('a cron job that is switched off is found, and fixed by the statement that it names', async ({ database, house }) => {
  await makeHealthy(database, house)
  const owner = await database.connect('owner')
  await owner.query(`select cron.alter_job(jobid, active := false) from cron.job where jobname = 'supaqueue_sweep'`)
  await house.db.query(LATE)

  const [found] = await findings(house)
  expect(found).toMatchObject({ code: 'sweep_switched_off', severity: 'error' })

  await owner.query(found!.remedy!)
  await house.sweep()
  expect(await codes(house)).toEqual([])
})

test('a cron job that is gone is found, and fixed by the statement that it names', async ({ database, house }) => {
  await makeHealthy(database, house)
  const owner = await database.connect('owner')
  await owner.query(`select cron.unschedule('supaqueue_sweep')`)
  await house.db.query(LATE)

  const [found] = await findings(house)
  expect(found).toMatchObject({ code: 'sweep_missing' })

  await owner.query(found!.remedy!)
  expect((await findings(house))[0]!.code).toBe('sweep_silent')
})

test('somebody else may call the sweep: then nothing is wrong', async ({ database, house }) => {
  await makeHealthy(database, house)
  await (await database.connect('owner')).query(`select cron.unschedule('supaqueue_sweep')`)
  await house.sweep()

  expect(await codes(house)).toEqual([])
})

test('a chore that fails is found, with what it said', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.db.query(
    `update supaqueue.chore set failures = 3, code = '42501', error = 'no rights' where name = 'prune'`,
  )

  expect(await findings(house)).toMatchObject([{
    code: 'chore_failed',
    severity: 'warning',
    text: 'the chore prune of the sweep has failed 3 times in a row: no rights (42501)',
    remedy: 'select supaqueue_internal.prune_finished(most => 1);',
  }])
})

test('what was set aside is found', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.db.query(`select supaqueue_internal.put_aside('begin', '17', '23503', 'no such row')`)

  expect(await findings(house)).toMatchObject([{ code: 'set_aside', remedy: 'select supaqueue.try_again();' }])
})
