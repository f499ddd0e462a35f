import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { becomeDueUnnoticed, codes, findings, makeHealthy } from './healthy.ts'

test('a queue that is paused is an info, with how to undo it', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.queue({ name: `Ada's`, paused: true })

  expect(await findings(house)).toMatchObject([
    { code: 'paused', severity: 'info', queue: `Ada's`, remedy: `select supaqueue.resume('Ada''s');` },
  ])
})

test('a queue with jobs and without a worker is found, and fixed by the statement that it names', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.job(await house.queue({ name: 'nobody' }))

  const [found] = await findings(house)
  expect(found).toMatchObject({ code: 'no_workers', queue: 'nobody' })

  await house.db.query(found!.remedy!)
  expect(await codes(house)).toEqual([])
})

test('a queue without a worker is found also while a run that looked there is awake', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ name: 'nobody' })
  await house.job(queue)
  await house.turn(randomUUID(), queue, { room: 5, hello: true })
  expect((await house.heartbeat(queue)).awake).toBe(true)
  expect(await codes(house)).toContain('no_workers')
})

test('a queue stands still when a job is due, a worker is free and no run has come', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ name: 'still', workers: 1 })
  await house.sleep(queue)
  await house.job(queue, { due: '10 minutes' })
  expect(await codes(house)).toEqual([])

  await becomeDueUnnoticed(database, '2 minutes')

  expect(await findings(house)).toMatchObject([{
    code: 'stands_still',
    text: expect.stringContaining('due for 2 min'),
  }])
})

test('but not while a run is awake, or its rate limit lets nothing begin', async ({ database, house }) => {
  await makeHealthy(database, house)
  const [awake, limited] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]
  await house.turn(randomUUID(), awake)
  await house.job(awake, { due: '-2 minutes' })
  await house.db.query('select supaqueue.set_max_rps($1, 0.001)', [limited])
  const run = randomUUID()
  await house.jobs(limited, 2)
  await house.take(run, limited)
  await house.db.query(
    `update supaqueue.job set run_at = clock_timestamp() - interval '2 minutes' where status = 'pending'`,
  )
  await house.age('heartbeat', limited)

  expect(await codes(house)).toEqual([])
})
