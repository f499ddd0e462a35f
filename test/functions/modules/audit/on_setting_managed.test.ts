import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('a setting that is changed is written down', async ({ harness }) => {
  await harness.setting('concurrency', '10')
  await harness.setting('concurrency', '10')
  await harness.setting('concurrency', '20')
  await harness.db.query(`delete from supaqueue.setting where name = 'concurrency'`)

  expect((await acts(harness)).filter(({ act }) => act === 'change setting').slice(-3)).toMatchObject([
    { before: null, after: { concurrency: '10' } },
    { before: { concurrency: '10' }, after: { concurrency: '20' } },
    { before: { concurrency: '20' }, after: null },
  ])
})
