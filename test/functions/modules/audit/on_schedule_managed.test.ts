import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('a schedule that is made, changed or deleted is written down, and not that it came due', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.db.query(`insert into supaqueue.schedule (name, queue, cron) values ('nightly', $1, '0 3 * * *')`, [
    queue,
  ])
  await harness.db.query(`update supaqueue.schedule set next_at = now() - interval '1 minute'`)
  await harness.sweep()
  await harness.db.query(`update supaqueue.schedule set enabled = false`)
  await harness.db.query(`update supaqueue.schedule set payload = '{"secret": "quiet"}'`)
  await harness.db.query(`delete from supaqueue.schedule`)

  const seen = (await acts(harness, queue)).filter(({ act }) => act.endsWith('schedule'))
  expect(seen).toMatchObject([
    { act: 'create schedule', after: { schedule: 'nightly', cron: '0 3 * * *' } },
    { act: 'change schedule', before: { enabled: true }, after: { enabled: false, schedule: 'nightly' } },
    { act: 'change schedule', after: { payload: 'changed', schedule: 'nightly' } },
    { act: 'delete schedule', before: { schedule: 'nightly' } },
  ])
  expect(JSON.stringify(seen)).not.toContain('quiet')
})
