import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says how to set one while there is none', async () => {
  const page = await stage.open('/alerts')

  await page.getByText('No alert is set').waitFor()

  await expectAccessible(page)
})

test('shows the rules, what is wrong, and what was told last; switches one off and on', async () => {
  await stage.house.queue({ name: 'oncall', mode: 'pull' })
  const queue = await stage.house.queue({ name: 'films' })
  await stage.house.job(queue, { due: '-1 hour' })
  await stage.house.db.query(
    `select supaqueue.set_alert('late', 'backlog_older_than', 600, notify => 'oncall', queue => 'films', raise_after => '0')`,
  )
  await stage.house.db.query('select supaqueue_internal.watch_alerts()')
  const { rows: [{ told_job }] } = await stage.house.db.query('select told_job from supaqueue.alert_rule')

  const page = await stage.open('/alerts')
  const row = page.getByRole('row', { name: 'late' })

  await row.getByText('firing').first().waitFor()
  await row.getByText('a job has been due for 10 min').waitFor()
  await row.getByText(/^late: /).waitFor()
  await row.getByRole('link', { name: `job ${told_job}` }).waitFor()
  await expectAccessible(page)

  await row.getByRole('button', { name: 'Switch off' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
  await row.getByText('off', { exact: true }).waitFor()
  await row.getByRole('button', { name: 'Switch on' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
  await row.getByRole('button', { name: 'Switch off' }).waitFor()
  expect((await stage.house.db.query('select enabled from supaqueue.alert_rule')).rows).toEqual([{ enabled: true }])
})
