import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says what to do while there is no schedule', async () => {
  const page = await stage.open('/schedules')

  await page.getByText('No schedule yet').waitFor()

  await expectAccessible(page)
})

test('shows when a schedule comes next and what became of its last job, and switches it off and on', async () => {
  const queue = await stage.harness.queue({ name: 'reports' })
  const job = await stage.harness.job(queue, { status: 'failed' })
  await stage.harness.db.query(
    `insert into supaqueue.schedule (name, queue, cron, time_zone, last_job, last_at)
     values ('morning report', $1, '30 8 * * mon-fri', 'Europe/Berlin', $2, now())`,
    [queue, job],
  )
  const enabled = async () =>
    (await stage.harness.db.query('select enabled from supaqueue.schedule')).rows.map((row) => row.enabled)
  const page = await stage.open('/schedules')
  const row = page.getByRole('row', { name: 'morning report' })

  await row.getByText('30 8 * * mon-fri').waitFor()
  await row.getByText(/^in \d+ (h|min|days)$/).waitFor()
  await row.getByRole('link', { name: `job ${job}` }).waitFor()
  await row.getByText('failed').waitFor()
  await expectAccessible(page)

  await row.getByRole('button', { name: 'Switch off' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
  await row.getByText('switched off').waitFor()
  expect(await enabled()).toEqual([false])

  await row.getByRole('button', { name: 'Switch on' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
  await row.getByText('switched off').waitFor({ state: 'detached' })
  expect(await enabled()).toEqual([true])
})

test('editing when a schedule comes leaves its payload as it is, to the letter', async () => {
  const queue = await stage.harness.queue({ name: 'left alone' })
  await stage.harness.db.query(
    `insert into supaqueue.schedule (name, queue, cron, payload) values ('digits', $1, '0 3 * * *', '{"id": 12345678901234567890}')`,
    [queue],
  )
  const page = await stage.open('/schedules')
  await page.getByRole('row', { name: 'digits' }).getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit digits' })
  await dialog.getByLabel('When, as cron').fill('0 4 * * *')
  await dialog.getByRole('button', { name: 'Save' }).click()

  await page.getByText('digits is changed.').waitFor()
  const { rows } = await stage.harness.db.query(
    `select cron, payload::text from supaqueue.schedule where name = 'digits'`,
  )
  expect(rows).toEqual([{ cron: '0 4 * * *', payload: '{"id": 12345678901234567890}' }])
})

test('edits a schedule, and shows what the database refuses', async () => {
  const queue = await stage.harness.queue({ name: 'edited' })
  await stage.harness.db.query(
    `insert into supaqueue.schedule (name, queue, cron, payload) values ('nightly', $1, '0 3 * * *', '{"full": true}')`,
    [queue],
  )
  const page = await stage.open('/schedules')
  await page.getByRole('row', { name: 'nightly' }).getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit nightly' })

  expect(await dialog.getByLabel('After an outage').inputValue()).toBe('one')
  await dialog.getByLabel('When, as cron').fill('every night')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').waitFor()
  await expectAccessible(page)
  await dialog.getByLabel('When, as cron').fill('0 4 * * *')
  await dialog.getByLabel('Time zone').fill('Europe/Berlin')
  await dialog.getByLabel('Payload, as JSON').fill('{"full": false}')
  await dialog.getByLabel('After an outage').selectOption('none')
  await dialog.getByLabel('Also while').check()
  await dialog.getByRole('button', { name: 'Save' }).click()

  await page.getByText('nightly is changed.').waitFor()
  const { rows } = await stage.harness.db.query(
    `select cron, time_zone, payload, catch_up, overlap from supaqueue.schedule where name = 'nightly'`,
  )
  expect(rows).toEqual([
    { cron: '0 4 * * *', time_zone: 'Europe/Berlin', payload: { full: false }, catch_up: 'none', overlap: true },
  ])
})
