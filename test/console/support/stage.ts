import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { makeShare } from '../../../scripts/console/share.ts'
import { type Console, startConsole } from '../../../scripts/console/start.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { type Harness, harness } from '../../support/harness.ts'
import { faultsOf, faultsOfColors } from './axe.ts'
import { openContext, problemsOf, sharedBrowser } from './browser.ts'
import { builtPage } from './page.ts'

export type Stage = {
  database: TestDatabase
  harness: Harness
  console: Console
  browser: Browser
  /** Opens a view in a browser of its own that was let in. It fails by the errors that it showed. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
}

/** A database, a console for it and a Chromium, for all tests of a file. */
export function useStage(options: { readOnly?: boolean; person?: string } = {}): Stage {
  const stage = {} as Stage
  const problems: string[][] = []
  const opened: BrowserContext[] = []

  beforeAll(async () => {
    stage.database = await testDatabase()
    stage.harness = harness(await stage.database.connect())
    stage.console = await startConsole({
      databaseUrl: stage.database.ownerUrl,
      page: await builtPage(),
      // Read again as soon as may be: on a busy machine each test would wait for twenty-five times of what a reading took.
      share: makeShare({ rest: 1 }),
      ...options,
    })
    stage.browser = await sharedBrowser()
    stage.open = async (path, contextOptions) => {
      const context = await openContext(stage.browser, { baseURL: stage.console.origin, ...contextOptions })
      opened.push(context)
      const page = await context.newPage()
      problems.push(problemsOf(page))
      // Let in by the same load.
      await page.goto(`${path}${new URL(stage.console.address).hash}`)
      // Not all that a test does with a page waits by itself until what it does it to is shown.
      await page.locator('main > div').waitFor()
      return page
    }
  })

  // A page that is left open goes on reading, and the next test would be given what that one has read.
  afterEach(() => Promise.all(opened.splice(0).map((context) => context.close())))

  afterAll(async () => {
    await stage.console?.stop()
    await stage.database?.drop()
    expect(problems.flat()).toEqual([])
  })

  return stage
}

/** Holds a view to WCAG AA in light and dark, and to the width of a phone. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' })
  expect(await faultsOf(page), 'light').toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await faultsOfColors(page), 'dark').toEqual([])
  await page.setViewportSize({ width: 375, height: 700 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
  expect(await faultsOf(page), 'on a phone').toEqual([])
}
