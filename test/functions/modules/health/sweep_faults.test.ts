import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

const LATE = `update supaqueue.last_sweep set swept_at = now() - interval '5 minutes'`

test('a cron job that is switched off is found, and fixed by the statement that it names', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const owner = await database.connect('owner')
  await owner.query(`select cron.alter_job(jobid, active := false) from cron.job where jobname = 'supaqueue_sweep'`)
  await harness.db.query(LATE)

  const [found] = await findings(harness)
  expect(found).toMatchObject({ code: 'sweep_switched_off', severity: 'error' })

  await owner.query(found!.remedy!)
  await harness.sweep()
  expect(await codes(harness)).toEqual([])
})

test('a cron job that is gone is found, and fixed by the statement that it names', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const owner = await database.connect('owner')
  await owner.query(`select cron.unschedule('supaqueue_sweep')`)
  await harness.db.query(LATE)

  const [found] = await findings(harness)
  expect(found).toMatchObject({ code: 'sweep_missing' })

  await owner.query(found!.remedy!)
  expect((await findings(harness))[0]!.code).toBe('sweep_silent')
})

test('somebody else may call the sweep: then nothing is wrong', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await (await database.connect('owner')).query(`select cron.unschedule('supaqueue_sweep')`)
  await harness.sweep()

  expect(await codes(harness)).toEqual([])
})

test('a chore that fails is found, with what it said', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.db.query(
    `update supaqueue.chore set failures = 3, code = '42501', error = 'no rights' where name = 'prune'`,
  )

  expect(await findings(harness)).toMatchObject([{
    code: 'chore_failed',
    severity: 'warning',
    text: 'the chore prune of the sweep has failed 3 times in a row: no rights (42501)',
    remedy: 'select supaqueue_internal.prune_finished(most => 1);',
  }])
})

test('what was set aside is found', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.db.query(`select supaqueue_internal.put_aside('begin', '17', '23503', 'no such row')`)

  expect(await findings(harness)).toMatchObject([{ code: 'set_aside', remedy: 'select supaqueue.try_again();' }])
})
