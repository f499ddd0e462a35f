import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says what to do while there is no schedule', async () => {
  const page = await stage.open('/schedules')

  await page.getByText('No schedule yet').waitFor()

  await expectAccessible(page)
})

test('shows when a schedule comes next and what became of its last job, and switches it off and on', async () => {
  const queue = await stage.house.queue({ name: 'reports' })
  const job = await stage.house.job(queue, { status: 'failed' })
  await stage.house.db.query(
    `insert into supaqueue.schedule (name, queue, cron, time_zone, last_job, last_at)
     values ('morning report', $1, '30 8 * * mon-fri', 'Europe/Berlin', $2, now())`,
    [queue, job],
  )
  const enabled = async () =>
    (await stage.house.db.query('select enabled from supaqueue.schedule')).rows.map((row) => row.enabled)
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
