import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage({ person: 'Ada' })

test('says so while nothing was done', async () => {
  const owner = await stage.database.connect('owner')
  await owner.query('delete from supaqueue.audit')
  const page = await stage.open('/audit')

  await page.getByText('Nothing was done').waitFor()

  await expectAccessible(page)
})

test('shows who did what and what changed; what the console does is done by whoever sits before it', async () => {
  await stage.harness.queue({ name: 'mail' })
  const job = await stage.harness.job(await stage.harness.queue({ name: 'photos' }), { status: 'failed' })
  const page = await stage.open('/')
  const row = page.getByRole('row', { name: 'mail' })
  await row.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').getByLabel(/reason/i).fill('the bank is closed')
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await row.getByText(/Paused by Ada/).waitFor()
  await stage.harness.db.query('select supaqueue.retry($1)', [job])

  await page.goto('/audit')

  const paused = page.getByRole('row', { name: /^pause / })
  await paused.getByText('Ada').waitFor()
  await paused.getByText('service_role, supaqueue console').waitFor()
  await paused.getByText('paused: true, paused reason: the bank is closed').waitFor()
  await page.getByRole('row', { name: /^retry / }).getByRole('link', { name: `job ${job}` }).waitFor()
  await expectAccessible(page)

  await paused.getByRole('link', { name: 'mail' }).click()
  await page.getByText('Of the queue mail.').waitFor()
  await page.getByRole('row', { name: /^retry / }).waitFor({ state: 'detached' })
})

test('leads to what was done before, fifty at a time', async () => {
  const queue = await stage.harness.queue({ name: 'busy' })
  for (let n = 0; n < 60; n++) await stage.harness.update('queue', queue, { max_attempts: n + 1 })

  const page = await stage.open('/audit?queue=busy')
  await page.getByText('max attempts: 60').waitFor()
  expect(await page.getByRole('row').count()).toBe(51)
  await page.getByRole('link', { name: 'Earlier' }).click()

  await page.getByRole('row', { name: /^create queue/ }).waitFor()
})
