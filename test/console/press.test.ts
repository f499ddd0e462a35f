import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { failedJob, fingerprintOf } from '../support/failures.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

/** Waits until the page has been answered something that has a text in it, and has had the time to draw it. */
async function isAnswered(page: Page, path: string, text: string): Promise<void> {
  await page.waitForResponse(async (response) =>
    response.url().includes(path) && (await response.text()).includes(text)
  )
  // One more answer: what came before it was drawn, had it not been held back.
  await page.waitForResponse((response) => response.url().includes(path))
}

test('lets a click go where it was pressed, though other rows come in between', async () => {
  const queue = await stage.harness.queue({ name: 'pressed' })
  await failedJob(stage.harness, queue, 'no oil')
  const page = await stage.open('/failures')
  const button = page.getByRole('row', { name: fingerprintOf('no oil') }).getByRole('button', { name: 'Retry all' })

  // Waits until it stands still, too.
  await button.hover()
  await page.mouse.down()
  for (let n = 0; n < 2; n++) await failedJob(stage.harness, queue, 'no air')
  await isAnswered(page, '/api/failures', 'no air')
  await page.mouse.up()

  await page.getByRole('dialog', { name: 'Retry 1 job of pressed?' }).getByText(fingerprintOf('no oil')).waitFor()
  // What was held back is drawn afterwards.
  await page.getByRole('row', { name: fingerprintOf('no air'), includeHidden: true }).waitFor()
})

test('lets a box be chosen by the space bar, though other jobs come in between', async () => {
  const queue = await stage.harness.queue({ name: 'spaced' })
  const [job] = await stage.harness.jobs(queue, 1)
  const page = await stage.open('/jobs?queue=spaced')
  await page.getByLabel(`Select job ${job}`).focus()

  await page.keyboard.down('Space')
  const other = await stage.harness.job(queue, { priority: 9 })
  await isAnswered(page, '/api/jobs', String(other))
  expect(await page.getByLabel(`Select job ${other}`).count()).toBe(0)
  await page.keyboard.up('Space')

  await page.getByLabel(`Select job ${other}`).waitFor()
  expect(await page.getByLabel(`Select job ${job}`).isChecked()).toBe(true)
})

test.each([
  ['the pointer was let go of elsewhere', (page: Page) => page.mouse.move(1, 1)],
  ['the window was left', (page: Page) => page.evaluate(() => dispatchEvent(new Event('blur')))],
])('holds nothing back for good when %s', async (_, end) => {
  const queue = await stage.harness.queue({ name: `held ${_}` })
  const page = await stage.open(`/jobs?queue=held ${_}`)
  await page.getByText('No job matches').waitFor()

  await page.evaluate(() => dispatchEvent(new PointerEvent('pointerdown', { buttons: 1 })))
  await end(page)
  const job = await stage.harness.job(queue)

  await page.getByLabel(`Select job ${job}`).waitFor()
})

test('acts on the jobs that were chosen when it was asked, whatever the list shows by now', async () => {
  const queue = await stage.harness.queue({ name: 'moved' })
  const job = await stage.harness.job(queue)
  const page = await stage.open('/jobs?queue=moved&status=pending')
  await page.getByLabel(`Select job ${job}`).check()
  await page.getByRole('button', { name: 'Cancel jobs (1)' }).click()
  await page.getByRole('dialog', { name: `Cancel jobs: job ${job}?` }).waitFor()

  await stage.harness.update('job', job, { status: 'held' })
  await page.getByText('No job matches').waitFor()
  await page.getByRole('dialog', { name: `Cancel jobs: job ${job}?` }).getByRole('button', { name: 'Cancel jobs' })
    .click()

  await page.getByText('Cancel jobs: 1 job.').waitFor()
  expect((await stage.harness.jobRow(job)).status).toBe('cancelled')
})
