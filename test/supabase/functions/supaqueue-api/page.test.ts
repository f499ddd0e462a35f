import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser, openContext, problemsOf } from '../../../console/support/browser.ts'
import { type Door, openDoor } from './support/door.ts'

let door: Door
let browser: Browser

beforeAll(async () => {
  door = await openDoor({ deno: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await door?.close()
})

/** The page, the requests it made, and its errors. */
async function open(address: string) {
  const page = await (await openContext(browser)).newPage()
  const requests: string[] = []
  page.on('request', (request) => void requests.push(request.url()))
  const problems = problemsOf(page)
  await page.goto(address)
  return { page, requests, problems }
}

/** Sends a request by the form of an operation, and returns what the page shows. */
async function send(page: Page, operation: string, fill: Record<string, string> = {}): Promise<string> {
  const form = page.locator(`#${operation}`)
  await form.locator('summary').first().click()
  for (const [label, value] of Object.entries(fill)) await form.getByLabel(label).fill(value)
  await form.getByRole('button', { name: 'Send' }).click()
  const answer = form.locator('pre[aria-live]')
  await answer.filter({ hasText: /\n\d{3} / }).waitFor()
  return await answer.innerText()
}

describe.each(
  [
    ['served by the door', () => `${door.url}/swagger/index.html`],
    ['opened from docs/', () => new URL('../../../../docs/api.html', import.meta.url).href],
  ] as const,
)('the page %s', (_, address) => {
  test('loads nothing but itself, and lists every operation', async () => {
    const { page, requests, problems } = await open(address())

    expect(requests).toEqual([address()])
    expect(problems).toEqual([])
    expect(await page.locator('#postTasks').innerText()).toContain('POST /tasks')
    expect(await page.locator('details[id]').count()).toBeGreaterThan(15)
    await page.close()
  })

  test('sends requests with the key that is typed in, and shows the answers', async () => {
    const { page, problems } = await open(address())
    await page.getByLabel('Address of the door').fill(door.url)

    expect(await send(page, 'getQueues')).toContain('401 application/problem+json')
    await page.getByLabel('Key (kept nowhere)').fill(door.keys.secret)
    const made = await send(page, 'postTaskType', { body: '{"task_type": "mail", "max_rps": 2}' })
    expect(made).toMatch(/200 application\/json[\s\S]*"max_rps": 2/)
    expect(await send(page, 'getTaskType', { 'task_type (path)': 'mail' })).toContain('"task_type": "mail"')
    expect(problems).toEqual([])
    await page.close()
  })
})

test('the page has no violation that axe would find, open or closed', async () => {
  const { page } = await open(`${door.url}/`)
  await page.evaluate(() => document.querySelectorAll('details').forEach((part) => part.setAttribute('open', '')))
  // The page's own policy lets no script in; axe is evaluated past it.
  await page.evaluate(axe.source)

  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())

  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  await page.close()
})
