import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { DEADLINE_MS } from '../../support/until.ts'
import { findChromium } from './chromium.ts'

let kept: Promise<Browser> | undefined

/** The Chromium of this machine, the same for all files of a process: it ends with the process. One that has gone is started again. */
export async function sharedBrowser(): Promise<Browser> {
  const browser = await kept?.catch(() => undefined)
  if (browser?.isConnected()) return browser
  return await (kept = openBrowser())
}

/** Starts the Chromium of this machine. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) {
    throw new Error(
      'there is no Chromium for the tests of the console: apt-get install chromium, or set SUPAQUEUE_CHROMIUM',
    )
  }
  // As root, and in containers, there is no sandbox to be had; the pages are our own.
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** Opens a browser of its own, for pages that are waited for as long as everything else is. */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(DEADLINE_MS)
  return context
}

/** What went wrong on the page: errors that nobody caught, and what its policy refused. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of [45]\d\d/.test(message.text())) problems.push(message.text())
  })
  return problems
}
