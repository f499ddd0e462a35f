import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from '../health/wake_answers.ts'
import { becomeDueUnnoticed, makeHealthy } from '../health/healthy.ts'

const reasons = async (harness: Harness, job: number): Promise<{ code: string }[]> =>
  (await harness.db.query('select supaqueue.explain($1) as it', [job])).rows[0].it.reasons
const codes = async (harness: Harness, job: number) => (await reasons(harness, job)).map(({ code }) => code)

test('while nothing is begun, what comes before a job is no reason', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ workers: 1 })
  const jobs = await harness.jobs(queue, 3)
  await harness.processJobs(queue)
  await harness.age('heartbeat', queue)
  expect(await codes(harness, jobs[2]!)).toEqual(['workers', 'ahead'])

  await answered(
    harness,
    await posted(harness),
    401,
    '{"code": "SQ401", "message": "the signature of the wake-up is wrong"}',
  )

  expect(await codes(harness, jobs[2]!)).toEqual(['dispatch'])
  expect(await codes(harness, jobs[0]!)).toEqual(['paired', 'dispatch'])
})

test('a run that is awake needs no wake-up', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ workers: 1 })
  await harness.turn(randomUUID(), queue)
  const job = await harness.job(queue)
  await answered(harness, await posted(harness), 401, '{}')

  expect(await codes(harness, job)).toEqual(['awake'])
})

test('a queue that stands still says so, whatever its jobs wait for', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ workers: 1 })
  await harness.sleep(queue)
  await harness.job(queue, { due: '10 minutes' })
  const job = await harness.job(queue, { due: '10 minutes' })
  await becomeDueUnnoticed(database, '3 minutes')

  expect(await codes(harness, job)).toEqual(['stands_still'])
})

test('a sweep that is silent is a reason of what waits for it', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const job = await harness.job(await harness.queue({ workers: 1 }), { due: '1 hour' })
  await harness.db.query(`update supaqueue.last_sweep set swept_at = now() - interval '5 minutes'`)

  expect(await codes(harness, job)).toEqual(['sweep', 'run_at'])
})

test('a job that a consumer has to pick waits for no run', async ({ harness }) => {
  const job = await harness.job(await harness.queue({ mode: 'pull', workers: 1 }))

  expect(await codes(harness, job)).toEqual(['pull'])
})
