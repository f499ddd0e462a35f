import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('a queue that is opened to users, and closed again, is written down', async ({ harness }) => {
  const queue = await harness.queue({ name: 'exports' })
  await harness.db.query(`select supaqueue.allow('exports', 'authenticated', per_minute => 10)`)
  await harness.db.query(`select supaqueue.allow('exports', 'authenticated', per_minute => 20)`)
  await harness.db.query(`select supaqueue.revoke('exports', 'authenticated')`)

  expect((await acts(harness, queue)).filter(({ act }) => act.endsWith('access'))).toMatchObject([
    { act: 'open access', after: { role: 'authenticated', per_minute: 10 } },
    { act: 'change access', before: { per_minute: 10 }, after: { per_minute: 20 } },
    { act: 'close access', before: { role: 'authenticated' } },
  ])
})
