import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says how to set one while there is none', async () => {
  const page = await stage.open('/alerts')

  await page.getByText('No alert is set').waitFor()

  await expectAccessible(page)
})

test('shows the rules, what is wrong, and what was told last; switches one off and on', async () => {
  await stage.harness.queue({ name: 'oncall', mode: 'pull' })
  const queue = await stage.harness.queue({ name: 'films' })
  await stage.harness.job(queue, { due: '-1 hour' })
  await stage.harness.db.query(
    `select supaqueue.set_alert('late', 'backlog_older_than', 600, notify => 'oncall', queue => 'films', raise_after => '0')`,
  )
  await stage.harness.db.query('select supaqueue_internal.watch_alerts()')
  const { rows: [{ told_job }] } = await stage.harness.db.query('select told_job from supaqueue.alert_rule')

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
  expect((await stage.harness.db.query('select enabled from supaqueue.alert_rule')).rows).toEqual([{ enabled: true }])
})

test('makes a rule, edits it and deletes it', async () => {
  await stage.harness.queue({ name: 'told by mail', mode: 'pull' })
  await stage.harness.queue({ name: 'watched' })
  const page = await stage.open('/alerts')
  const ruleOf = async (name: string) =>
    (await stage.harness.db.query(
      `select rule.kind, rule.threshold, rule.clear_below, rule.raise_after::text, rule.clear_after::text, told.name as notify, watched.name as queue
       from supaqueue.alert_rule as rule
       join supaqueue.queue as told on told.id = rule.notify
       left join supaqueue.queue as watched on watched.id = rule.queue
       where rule.name = $1`,
      [name],
    )).rows

  await page.getByRole('button', { name: 'New alert' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('errors')
  await dialog.getByLabel('Fires when').selectOption('error_rate_above')
  await dialog.getByLabel('Threshold', { exact: true }).fill('0.5')
  await dialog.getByLabel('Queue to notify').selectOption('told by mail')
  await dialog.getByLabel('Notify after it has lasted for').fill('soon')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Notify after it has lasted for').fill('2 minutes')
  await expectAccessible(page)
  await page.setViewportSize({ width: 1280, height: 760 })
  await dialog.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: 'errors' })
  await row.getByText('more than 50 % of calls fail').waitFor()

  await row.getByRole('button', { name: 'Edit' }).click()
  await dialog.getByLabel('Watched queue').selectOption('watched')
  await dialog.getByLabel(/^Well is/).fill('0.2')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await ruleOf('errors')).toEqual([{
    kind: 'error_rate_above',
    threshold: 0.5,
    clear_below: 0.2,
    raise_after: '00:02:00',
    clear_after: '00:05:00',
    notify: 'told by mail',
    queue: 'watched',
  }])

  await row.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await row.waitFor({ state: 'detached' })
  expect(await ruleOf('errors')).toEqual([])
})
