import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from './support.ts'

test('a signal that is inserted by hand is delivered at commit, and not before', async ({ harness, another }) => {
  const { job, token } = await called(harness)
  await steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])
  const owner = await another('owner')
  await owner.begin()
  await owner.db.query(`insert into supaqueue.signal (job, name) values ($1, 'approval')`, [job])

  await harness.impatient()
  await harness.db.query('select from supaqueue.job where id = $1 for update nowait', [job])
  await owner.commit()

  expect(await steps(harness).rows(job)).toMatchObject([{ status: 'done' }])
})

test('a signal that is rolled back never was', async ({ harness }) => {
  const { job, token } = await called(harness)
  await steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])

  await harness.begin()
  await steps(harness).signal({ job, name: 'approval' })
  await harness.rollback()

  expect(await steps(harness).rows(job)).toMatchObject([{ status: 'waiting' }])
})
