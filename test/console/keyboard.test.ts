import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('leads to each page of the menu by g and a letter of its title, which no other has', async () => {
  const page = await stage.open('/')
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
  await links.first().waitFor()
  const titles = (await links.allTextContents()).map((title) => title.trim())
  await page.keyboard.press('?')
  const help = page.getByRole('dialog')
  const keys = await help.locator('dt').filter({ hasText: 'g' }).allTextContents()
  const letters = keys.map((text) => text.replace(/\s+/g, '')).filter((text) => /^g.$/.test(text)).map((text) =>
    text[1]!
  )
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  expect(letters).toHaveLength(titles.length)
  expect(new Set(letters).size).toBe(titles.length)

  for (const [place, title] of titles.entries()) {
    expect(title.toLowerCase()).toContain(letters[place])
    await page.keyboard.press('g')
    await page.keyboard.press(letters[place]!)

    await page.getByRole('heading', { name: title, level: 1, exact: true }).waitFor()
  }
})

test('leads to the search by a slash, which is not typed there', async () => {
  const page = await stage.open('/health')
  await page.getByRole('heading', { level: 1 }).waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('77')

  expect(await page.getByLabel('Job id').inputValue()).toBe('77')
})

test('shows its keys, and gives the focus back', async () => {
  const page = await stage.open('/')
  await page.getByRole('link', { name: 'Health' }).focus()

  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('Find a job by its id').waitFor()
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Health')
})

test('takes no key from who is typing, and none that goes with another', async () => {
  const page = await stage.open('/jobs')
  await page.getByLabel('Payload has').fill('')
  await page.getByLabel('Payload has').pressSequentially('gh/?')
  expect(await page.getByLabel('Payload has').inputValue()).toBe('gh/?')
  await page.getByRole('heading', { level: 1 }).click()

  await page.keyboard.press('g')
  await page.keyboard.press('Control+h')
  await page.keyboard.press('x')

  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/jobs')
})
