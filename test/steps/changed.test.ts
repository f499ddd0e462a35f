import { expect } from 'vitest'
import type { Job } from '../../supabase/functions/_shared/supaqueue/mod.ts'
import { type Harness, test } from '../support/harness.ts'
import { calls } from './support/calls.ts'

// The code of a function changes while jobs are under way: nothing that ran runs again, and who looks is told why a job is held. Each
// change line by line: test/supabase/functions/_shared/supaqueue/steps.test.ts.

type Handler = (job: Job, did: (what: string) => () => string) => Promise<unknown>

/** A job whose function was `before` until it slept, is `after` when it comes back, and then `before` again. */
async function changed(harness: Harness, before: Handler, after: Handler) {
  const did: string[] = []
  let handler = before
  const { job: make, next } = calls(
    harness,
    (_, job) =>
      handler(job, (what) => () => {
        did.push(what)
        return what
      }),
  )
  const where = await make()
  expect(await next(where)).toBe('suspended')
  await harness.db.query(`update supaqueue.step set until = clock_timestamp() where job = $1 and status = 'sleeping'`, [
    where.job,
  ])
  const ran = [...did]
  handler = after
  expect(await next(where)).toBe('park')
  expect(did, 'something ran again').toEqual(ran)
  handler = before
  return {
    ...where,
    did,
    explained: (await harness.db.query('select supaqueue.explain($1) as answer', [where.job])).rows[0].answer,
    async released() {
      await harness.db.query('select supaqueue.release($1)', [where.job])
      return await next(where)
    },
  }
}

const steps: Handler = async (job, did) => {
  await job.step('charge', did('charged'))
  const pages = await job.map('render', ['one', 'two'], (page) => did(`rendered ${page}`)())
  await job.sleep('remind', '3 days')
  await job.step('ship', did('shipped'))
  return pages
}

const CHANGES: Record<string, { after: Handler; reason: RegExp }> = {
  'a step renamed': {
    after: async (job, did) => void await job.step('charge the card', did('charged twice')),
    reason: /the function asks for the step charge the card, which is new, before the step charge, which ran/,
  },
  'a step that is a wait now': {
    after: async (job) => void await job.waitFor('charge'),
    reason: /charge was a step, and the function now asks for a wait of that name/,
  },
  'a step of another version': {
    after: async (job, did) => void await job.step('charge', did('charged twice'), { version: 2 }),
    reason: /the step charge ran with no version, and the function now asks for it with version 2/,
  },
  'the list of a map reordered': {
    after: async (job, did) => {
      await job.step('charge', did('charged twice'))
      await job.map('render', ['two', 'one'], (page) => did(`rendered ${page} twice`)())
    },
    reason: /the map render began with other items than it is now given, or in another order/,
  },
}

test.for(Object.keys(CHANGES))(
  '%s under a job that sleeps: it is held and says why, and goes on with the old code',
  async (name, { harness }) => {
    const { after, reason } = CHANGES[name]!
    const { job, queue, did, explained, released } = await changed(harness, steps, after)

    expect(await harness.jobRow(job)).toMatchObject({
      status: 'held',
      attempts: 0,
      error: expect.stringMatching(reason),
    })
    expect(explained.text).toMatch(reason)
    expect(explained.text).toMatch(/release|forget_steps/)
    expect(await harness.freeWorkers(queue)).toBe(1)

    expect(await released()).toBe('complete')
    expect(did).toEqual(['charged', 'rendered one', 'rendered two', 'shipped'])
    expect((await harness.jobRow(job)).result).toEqual(['rendered one', 'rendered two'])
  },
)

test('whoever wants a step to run again says so: forget_steps, then release', async ({ harness }) => {
  const { job, did, released } = await changed(harness, steps, CHANGES['a step of another version']!.after)

  await harness.db.query(`select supaqueue.forget_steps($1, 'render')`, [job])

  expect(await released()).toBe('suspended')
  expect(did).toEqual(['charged', 'rendered one', 'rendered two', 'rendered one', 'rendered two'])
})

test('by job.version jobs of old code keep to old ways, and new ones go new ways', async ({ harness }) => {
  const did: string[] = []
  const { job: make, next } = calls(harness, async (_, job) => {
    if (job.version === '2') await job.step('check', () => void did.push('checked'))
    await job.step('charge', () => void did.push('charged'))
    await job.sleep('remind', '3 days')
    return job.version ?? 'of no version'
  })
  const old = await make()
  expect(await next(old)).toBe('suspended')
  const young = await make()
  await harness.db.query(`update supaqueue.job set version = 2 where id = $1`, [young.job])

  expect(await next(young)).toBe('suspended')
  await harness.db.query(`update supaqueue.step set until = clock_timestamp() where status = 'sleeping'`)
  expect([await next(old), await next(young)]).toEqual(['complete', 'complete'])

  expect(did).toEqual(['charged', 'checked', 'charged'])
  expect([await harness.jobRow(old.job), await harness.jobRow(young.job)]).toMatchObject([{ result: 'of no version' }, {
    result: '2',
  }])
})
