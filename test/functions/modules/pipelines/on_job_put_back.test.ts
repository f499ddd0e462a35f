import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a null status holds a job that waits, like any other, and its sources do not release it', async ({ house }) => {
  const { depend, state } = pipeline(house)
  const [source, target] = await house.jobs(await house.queue(), 2)
  await depend(target!, [source!])

  await house.db.query('update supaqueue.job set status = null where id = $1', [target])
  await house.update('job', source!, { status: 'success' })

  expect(await state(target!)).toEqual({ status: 'held', waits_for: 0 })
})

test('one that had ended and waits again has not ended any more', async ({ house }) => {
  const { depend } = pipeline(house)
  const [source, target] = await house.jobs(await house.queue(), 2)
  await depend(target!, [source!])
  await house.update('job', target!, { status: 'cancelled' })

  await house.update('job', target!, { status: 'pending' })

  const { rows } = await house.db.query('select status, finished_at from supaqueue.job where id = $1', [target])
  expect(rows).toEqual([{ status: 'held', finished_at: null }])
})
