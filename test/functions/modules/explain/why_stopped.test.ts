import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { House } from '../../../support/house.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from '../health/wake_answers.ts'
import { becomeDueUnnoticed, makeHealthy } from '../health/healthy.ts'

const reasons = async (house: House, job: number): Promise<{ code: string }[]> =>
  (await house.db.query('select supaqueue.explain($1) as it', [job])).rows[0].it.reasons
const codes = async (house: House, job: number) => (await reasons(house, job)).map(({ code }) => code)

test('while nothing is begun, what comes before a job is no reason', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ workers: 1 })
  const jobs = await house.jobs(queue, 3)
  await house.processJobs(queue)
  await house.age('heartbeat', queue)
  expect(await codes(house, jobs[2]!)).toEqual(['workers', 'ahead'])

  await answered(
    house,
    await posted(house),
    401,
    '{"code": "SQ401", "message": "the signature of the wake-up is wrong"}',
  )

  expect(await codes(house, jobs[2]!)).toEqual(['dispatch'])
  expect(await codes(house, jobs[0]!)).toEqual(['paired', 'dispatch'])
})

test('a run that is awake needs no wake-up', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ workers: 1 })
  await house.turn(randomUUID(), queue)
  const job = await house.job(queue)
  await answered(house, await posted(house), 401, '{}')

  expect(await codes(house, job)).toEqual(['awake'])
})

test('a queue that stands still says so, whatever its jobs wait for', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ workers: 1 })
  await house.sleep(queue)
  await house.job(queue, { due: '10 minutes' })
  const job = await house.job(queue, { due: '10 minutes' })
  await becomeDueUnnoticed(database, '3 minutes')

  expect(await codes(house, job)).toEqual(['stands_still'])
})

test('a sweep that is silent is a reason of what waits for it', async ({ database, house }) => {
  await makeHealthy(database, house)
  const job = await house.job(await house.queue({ workers: 1 }), { due: '1 hour' })
  await house.db.query(`update supaqueue.last_sweep set swept_at = now() - interval '5 minutes'`)

  expect(await codes(house, job)).toEqual(['sweep', 'run_at'])
})

test('a job that a consumer has to pick waits for no run', async ({ house }) => {
  const job = await house.job(await house.queue({ mode: 'pull', workers: 1 }))

  expect(await codes(house, job)).toEqual(['pull'])
})
