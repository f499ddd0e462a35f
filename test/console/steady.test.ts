import { expect, test } from 'vitest'
import { failedJob } from '../support/failures.ts'
import { useStage } from './support/stage.ts'

const stage = useStage()

test.each(['me', 'findings'])('shows nothing to press before /api/%s is answered: it would move away', async (slow) => {
  const queue = await stage.harness.queue()
  await failedJob(stage.harness, queue)
  const page = await stage.open('/failures')
  let answer = () => {}
  const asked = new Promise<void>((resolve) => answer = resolve)
  await page.route(`**/api/${slow}`, async (route) => {
    await asked
    await route.continue()
  })

  const failures = page.waitForResponse('**/api/failures*')
  await page.reload()
  await (await failures).finished()
  // What was read is drawn by now.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
  expect(await page.getByRole('button', { name: 'Retry all' }).count()).toBe(0)
  answer()

  await page.getByRole('button', { name: 'Retry all' }).first().waitFor()
})
