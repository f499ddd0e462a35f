import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { becomeDueUnnoticed, codes, findings, makeHealthy } from './healthy.ts'

test('a queue that is paused is an info, with how to undo it', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.queue({ name: `Ada's`, paused: true })

  expect(await findings(harness)).toMatchObject([
    { code: 'paused', severity: 'info', queue: `Ada's`, remedy: `select supaqueue.resume('Ada''s');` },
  ])
})

test('a queue with jobs and without a worker is found, and fixed by the statement that it names', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.job(await harness.queue({ name: 'nobody' }))

  const [found] = await findings(harness)
  expect(found).toMatchObject({ code: 'no_workers', queue: 'nobody' })

  await harness.db.query(found!.remedy!)
  expect(await codes(harness)).toEqual([])
})

test('a queue without a worker is found also while a run that looked there is awake', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ name: 'nobody' })
  await harness.job(queue)
  await harness.turn(randomUUID(), queue, { room: 5, hello: true })
  expect((await harness.heartbeat(queue)).awake).toBe(true)
  expect(await codes(harness)).toContain('no_workers')
})

test('a queue stands still when a job is due, a worker is free and no run has come', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ name: 'still', workers: 1 })
  await harness.sleep(queue)
  await harness.job(queue, { due: '10 minutes' })
  expect(await codes(harness)).toEqual([])

  await becomeDueUnnoticed(database, '2 minutes')

  expect(await findings(harness)).toMatchObject([{
    code: 'stands_still',
    text: expect.stringContaining('due for 2 min'),
  }])
})

test('but not while a run is awake, or its rate limit lets nothing begin', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const [awake, limited] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
  await harness.turn(randomUUID(), awake)
  await harness.job(awake, { due: '-2 minutes' })
  await harness.db.query('select supaqueue.set_max_rps($1, 0.001)', [limited])
  const run = randomUUID()
  await harness.jobs(limited, 2)
  await harness.take(run, limited)
  await harness.db.query(
    `update supaqueue.job set run_at = clock_timestamp() - interval '2 minutes' where status = 'pending'`,
  )
  await harness.age('heartbeat', limited)

  expect(await codes(harness)).toEqual([])
})
