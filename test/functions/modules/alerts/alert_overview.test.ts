import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('shows each rule with its state, what is wrong by it, and what was told last; those that fire first', async ({ harness }) => {
  const overview = async () =>
    (await harness.db.query('select supaqueue.alert_overview() as told')).rows[0].told as Record<string, unknown>[]
  expect(await overview()).toEqual([])

  await harness.queue({ name: 'oncall', mode: 'pull' })
  const queue = await harness.queue({ name: 'films' })
  await harness.job(queue, { due: '-1 hour' })
  for (const name of ['a calm one', 'b late', 'c off', 'd late later']) {
    const threshold = name === 'a calm one' ? 1e6 : 60
    await harness.db.query(
      `select supaqueue.set_alert($1, 'backlog_older_than', $2, notify => 'oncall', queue => 'films', raise_after => $3)`,
      [name, threshold, name === 'd late later' ? '1 day' : '0'],
    )
  }
  await harness.db.query(`update supaqueue.alert_rule set enabled = false where name = 'c off'`)
  await harness.db.query('select supaqueue_internal.watch_alerts()')

  const { rows: [message] } = await harness.db.query(
    `select job.id, job.payload ->> 'text' as text from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = 'oncall'`,
  )
  expect(await overview()).toMatchObject([
    {
      name: 'b late',
      state: 'firing',
      queue: 'films',
      notify: 'oncall',
      told_state: 'firing',
      told_text: message.text,
      told_job: Number(message.id),
      told_at: expect.any(String),
      troubles: [{ subject: 'films', raised_at: expect.any(String) }],
    },
    { name: 'd late later', state: 'rising', told_at: null, troubles: [{ raised_at: null }] },
    { name: 'a calm one', state: 'well', told_at: null, troubles: [] },
    { name: 'c off', state: 'off', enabled: false, troubles: [] },
  ])
})
