import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../cli/connection/client.ts'
import { chromium, type Page } from 'playwright-core'
import { startStack } from '../dev/stack.ts'
import { fillWithSample } from './sample.ts'
import { startConsole } from './start.ts'
import { print } from '../cli/terminal/print.ts'

// Writes the pictures of the console that the pages in docs/ and the README show: pnpm screenshots

const FOLDER = join(import.meta.dirname, '../../docs/console')
const VIEWS = {
  overview: '/',
  queue: '/queues/emails',
  jobs: '/jobs?queue=imports',
  failures: '/failures',
  dispatcher: '/dispatcher',
}
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

mkdirSync(FOLDER, { recursive: true })
const stack = await startStack({ cron: false })
// Only there to be seen: on a picture nothing is wrong that the sample does not put there.
const workerOfNet = new Client({ connectionString: stack.adminUrl, application_name: 'pg_net worker' })
try {
  // Nothing is called: a picture holds still.
  await stack.net?.stop()
  await workerOfNet.connect()
  await fillWithSample(stack.databaseUrl)
  await beginSome()
  const served = await startConsole({ databaseUrl: stack.databaseUrl })
  const executablePath = process.env.SUPAQUEUE_CHROMIUM ?? PLACES.find((place) => existsSync(place))
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] })
  try {
    for (const scene of ['light', 'dark', 'phone'] as const) {
      const context = await browser.newContext({
        colorScheme: scene === 'dark' ? 'dark' : 'light',
        viewport: scene === 'phone' ? { width: 390, height: 844 } : { width: 1280, height: 760 },
        baseURL: served.origin,
      })
      const page = await context.newPage()
      await page.goto(served.address)
      for (const [name, path] of Object.entries({ ...VIEWS, ...await addressesIn(page) })) {
        await page.goto(path)
        await page.getByRole('heading').first().waitFor()
        // Until the last minutes are counted.
        await page.waitForLoadState('networkidle')
        await page.locator('.loading').waitFor({ state: 'detached' })
        await page.screenshot({ path: join(FOLDER, `${name}-${scene}.png`) })
        print(`docs/console/${name}-${scene}.png`)
      }
      await context.close()
    }
  } finally {
    await browser.close()
    await served.stop()
  }
} finally {
  await workerOfNet.end()
  await stack.stop()
}

/** Jobs that are due, and all workers taken by the first of them. */
async function beginSome(): Promise<void> {
  const db = new Client({ connectionString: stack.databaseUrl })
  await db.connect()
  await db.query(
    `insert into supaqueue.job (queue, payload)
     select id, jsonb_build_object('user', 1500 + n) from supaqueue.queue, generate_series(1, 30) as n where name = 'emails'`,
  )
  await db.query('select supaqueue.process_jobs()')
  await db.query('select supaqueue.sweep()')
  await db.end()
}

/** Where a job is that waits, and says why, and the graph of a pipeline. */
async function addressesIn(page: Page): Promise<Record<string, string>> {
  await page.goto('/jobs?queue=imports&status=pending')
  const job = await page.getByRole('rowheader').getByRole('link').first().getAttribute('href') ?? '/'
  await page.goto('/pipelines')
  const pipeline = await page.getByRole('link', { name: /^Graph of/ }).first().getAttribute('href') ?? '/'
  return { job, pipeline }
}
