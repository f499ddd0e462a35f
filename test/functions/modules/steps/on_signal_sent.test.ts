import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { called, steps } from './support.ts'

test('a signal that is inserted by hand is delivered at commit, and not before', async ({ house, another }) => {
  const { job, token } = await called(house)
  await steps(house).suspend(token, [{ name: 'approval', kind: 'wait' }])
  const owner = await another('owner')
  await owner.begin()
  await owner.db.query(`insert into supaqueue.signal (job, name) values ($1, 'approval')`, [job])

  await house.impatient()
  await house.db.query('select from supaqueue.job where id = $1 for update nowait', [job])
  await owner.commit()

  expect(await steps(house).rows(job)).toMatchObject([{ status: 'done' }])
})

test('a signal that is rolled back never was', async ({ house }) => {
  const { job, token } = await called(house)
  await steps(house).suspend(token, [{ name: 'approval', kind: 'wait' }])

  await house.begin()
  await steps(house).signal({ job, name: 'approval' })
  await house.rollback()

  expect(await steps(house).rows(job)).toMatchObject([{ status: 'waiting' }])
})
