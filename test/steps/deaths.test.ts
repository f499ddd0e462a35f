import { expect } from 'vitest'
import { test } from '../support/harness.ts'
import { calls } from './support/calls.ts'
import type { Job } from '../../supabase/functions/_shared/supaqueue/mod.ts'
import { dieEverywhere, effects, passTime } from './support/deaths.ts'
import { fulfil, itemsOf } from './support/fulfil.ts'

test('a function that dies at every moment between two statements ends with each effect once', async ({ harness }) => {
  await dieEverywhere(harness, 1)
})

test('without a death the same function takes a call per wait', async ({ harness }) => {
  const server = effects()
  const { job: make, next } = calls(harness, (payload, job, at) => fulfil(2, { at, ...server })(payload, job))
  const where = await make()
  await harness.db.query(`select supaqueue.signal($1, 'approval', '42')`, [where.job])

  const outcomes: string[] = []
  while (outcomes.at(-1) !== 'complete') {
    outcomes.push(await next(where))
    await harness.db.query(passTime, [where.job])
  }

  expect(outcomes).toEqual(['suspended', 'suspended', 'complete'])
  expect(server.asked).toHaveLength(10 + itemsOf(2))
  expect(await harness.jobRow(where.job)).toMatchObject({ status: 'success', attempts: 1 })
})

test('of two calls of a job that overlap only the later one records, and each effect has one key', async ({ harness, another }) => {
  const server = effects()
  let release = () => {}
  const held = new Promise<void>((resolve) => release = resolve)
  let calling = 0
  const work = async (_: unknown, job: Job) => {
    const mine = ++calling
    return await job.step('charge', async ({ idempotencyKey }) => {
      if (mine === 1) await held
      server.effect(idempotencyKey, 1)
      return `call ${mine}`
    })
  }
  const first = calls(harness, work)
  const where = await first.job({ workers: 2 })
  const stale = first.next(where)
  await expect.poll(() => calling).toBe(1)
  const other = await another()
  await other.age('current_job', where.queue)
  await other.sweep()

  expect(await calls(other, work).next(where)).toBe('complete')
  release()

  expect(await stale).not.toBe('complete')
  expect(await harness.jobRow(where.job)).toMatchObject({ status: 'success', result: 'call 2' })
  expect((await harness.db.query('select result from supaqueue.step where job = $1', [where.job])).rows).toEqual([
    { result: 'call 2' },
  ])
  expect([server.asked.length, server.happened.size]).toEqual([2, 1])
})

test('a job that waits holds no worker, and shows when it goes on', async ({ harness }) => {
  const { job: make, next } = calls(harness, async (_, job) => await job.waitFor('approval', { timeout: '7 days' }))
  const where = await make()

  expect(await next(where)).toBe('suspended')

  expect(await harness.freeWorkers(where.queue)).toBe(1)
  const row = await harness.jobRow(where.job)
  expect(row).toMatchObject({ status: 'pending', attempts: 0 })
  expect(row.run_at - Date.now()).toBeGreaterThan(6.9 * 86_400_000)
  expect(await harness.take(crypto.randomUUID(), where.queue)).toEqual([])
})
