import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { acts } from './acts.ts'

test('a setting that is changed is written down', async ({ house }) => {
  await house.setting('concurrency', '10')
  await house.setting('concurrency', '10')
  await house.setting('concurrency', '20')
  await house.db.query(`delete from supaqueue.setting where name = 'concurrency'`)

  expect((await acts(house)).filter(({ act }) => act === 'change setting').slice(-3)).toMatchObject([
    { before: null, after: { concurrency: '10' } },
    { before: { concurrency: '10' }, after: { concurrency: '20' } },
    { before: { concurrency: '20' }, after: null },
  ])
})
