import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a null status holds a job that waits, like any other, and its sources do not release it', async ({ harness }) => {
  const { depend, state } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])

  await harness.db.query('update supaqueue.job set status = null where id = $1', [target])
  await harness.update('job', source!, { status: 'success' })

  expect(await state(target!)).toEqual({ status: 'held', waits_for: 0 })
})

test('one that had ended and waits again has not ended any more', async ({ harness }) => {
  const { depend } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  await harness.update('job', target!, { status: 'cancelled' })

  await harness.update('job', target!, { status: 'pending' })

  const { rows } = await harness.db.query('select status, finished_at from supaqueue.job where id = $1', [target])
  expect(rows).toEqual([{ status: 'held', finished_at: null }])
})
