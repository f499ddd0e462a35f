import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Console, startConsole } from '../scripts/console/start.ts'
import { openBrowser } from './console/support/browser.ts'
import { type Hosted, startHosted } from './support/management_api/hosted.ts'
import { until } from './support/until.ts'

// The troubles that wake an operator at three in the morning, each on a project with everything in it. For each: what
// explain, status, doctor and the page say, and that what they name mends it.

let project: Hosted
let console: Console
let browser: Browser
let page: Page

beforeAll(async () => {
  project = await startHosted()
  await project.run(['install', '--yes'])
  write('photos', `Deno.serve(() => Response.json({ done: true }))`)
  await one(`select supaqueue.create_queue('photos', 'photos', workers => 2)`)
  await one(`update supaqueue.queue set retry_base_ms = 0, retry_max_ms = 0`)
  console = await startConsole({ databaseUrl: project.ownerUrl })
  browser = await openBrowser()
  const context = await browser.newContext({ baseURL: console.origin })
  page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(console.address)
})

afterAll(async () => {
  await browser?.close()
  await console?.stop()
  await project?.stop()
})

const one = async (sql: string, values: unknown[] = []) => (await project.db.query(sql, values)).rows[0]
const folderOf = (name: string) => join(project.folder, 'supabase/functions', name)

function write(name: string, source: string): void {
  mkdirSync(folderOf(name), { recursive: true })
  writeFileSync(join(folderOf(name), 'index.ts'), source)
  writeFileSync(join(folderOf(name), 'deno.json'), '{}')
}

const enqueue = async (): Promise<number> => (await one(`select supaqueue.enqueue('photos', '{}') as id`)).id
const statusOf = async (job: number): Promise<string> =>
  (await one('select status from supaqueue.job where id = $1', [job])).status
const explain = async (job: number) => (await one('select supaqueue.explain($1) as it', [job])).it
const sweep = () => one('select * from supaqueue.sweep()')
const findings = async (): Promise<{ code: string; severity: string; text: string; remedy: string }[]> =>
  (await one(`select supaqueue.health() -> 'findings' as found`)).found
const findingOf = async (code: string) => (await findings()).find((one) => one.code === code)
const status = async () => (await project.run(['status'])).text
const doctor = async () => (await project.run(['doctor', '--proof-seconds', '5'])).text

/** Waits until no run is awake: the next job then needs a wake-up. */
const asleep = () =>
  until(async () =>
    (await one('select count(*) as awake from supaqueue.heartbeat where awake_until > clock_timestamp()')).awake === '0'
  )

/** Enqueues a job, and waits until the database knows why nothing begins it. */
async function stuckBecause(code: string): Promise<number> {
  const job = await enqueue()
  await until(async () => {
    await sweep()
    return await findingOf(code) !== undefined
  })
  return job
}

/** Runs what a finding names, as whoever reads it would. */
async function mend(remedy: string): Promise<void> {
  const [, command] = /^npx supaqueue (.*)$/.exec(remedy) ?? []
  if (command === undefined) return void await project.db.query(remedy)
  const args = command.split(' ')
  const { code, text } = await project.run([
    ...args,
    '--yes',
    ...(args[0] === 'rotate-secret' ? ['--overlap-seconds', '0'] : []),
  ])
  expect(code, text).toBe(0)
}

test('nothing is wrong to begin with', async () => {
  const job = await enqueue()
  await until(async () => await statusOf(job) === 'success')
  await sweep()

  expect((await findings()).filter(({ severity }) => severity !== 'info')).toEqual([])
  await page.goto('/health')
  await page.getByText('Everything works').waitFor()
})

describe('the secret was changed in Vault, and nowhere else', () => {
  let job: number

  test('explain names that, and no reason that would pass by itself', async () => {
    await asleep()
    await one(
      `select vault.update_secret(id, 'a-secret-that-nobody-else-knows') from vault.secrets where name = 'supaqueue_secret'`,
    )
    job = await stuckBecause('secrets_differ')

    const { text, reasons } = await explain(job)

    expect(text).toMatch(
      /no job is begun: wake-ups have been refused for .*: the edge functions and Vault have different secrets; that in Vault was changed/,
    )
    expect(text).not.toMatch(/before it|workers are taken/)
    expect(JSON.stringify(reasons)).toContain('npx supaqueue rotate-secret')
  })

  test('status, the overview and doctor name it and the command', async () => {
    expect(await status()).toMatch(
      /^ERROR: no job is begun: .*different secrets.*\n {2}To fix it: npx supaqueue rotate-secret$/m,
    )
    const text = await doctor()
    expect(text).toMatch(/WRONG dispatch +no job is begun: .*different secrets/)
    expect(text).toContain('mend: npx supaqueue rotate-secret')
    expect((await one('select fault, remedy from supaqueue.queue_overview')).remedy).toBe('npx supaqueue rotate-secret')
  })

  test('every page of the console shows it at its top', async () => {
    for (const path of ['/', '/jobs', `/jobs/${job}`, '/failures']) {
      await page.goto(path)
      await page.locator('.alarm').filter({ hasText: 'different secrets' }).waitFor()
    }
    await page.goto('/health')
    await page.getByRole('list', { name: 'Findings' }).getByText('npx supaqueue rotate-secret').waitFor()
  })

  test('the command mends it, and who changed the secret is written down', async () => {
    await mend((await findingOf('secrets_differ'))!.remedy)
    await until(async () => {
      await sweep()
      return await statusOf(job) === 'success' && (await findings()).every(({ severity }) => severity === 'info')
    })

    const { rows } = await project.db.query(`select before, after from supaqueue.audit where act = 'change secret'`)
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('a-secret-that-nobody')
  })
})

describe('somebody has paused a queue', () => {
  test('it is shown as intended: by whom, when and why, and is no fault', async () => {
    await project.db.query(`set supaqueue.person = 'Jo'`)
    await one(`select supaqueue.pause('photos', reason => 'SMTP provider migration, ask Jo')`)
    await project.db.query('reset supaqueue.person')
    const job = await enqueue()

    expect((await explain(job)).text).toMatch(
      /its queue is paused until it is resumed, by Jo .*ago, because SMTP provider migration, ask Jo/,
    )
    expect(await status()).toMatch(
      /^photos is paused until it is resumed, by Jo .*To go on: select supaqueue.resume\('photos'\);$/m,
    )
    const { code, text } = await project.run(['doctor', '--proof-seconds', '20'])
    expect(text).toMatch(/ok +paused +as intended: photos is paused/)
    expect(code, text).toBe(0)
    await page.goto('/')
    await page.getByText(/Paused by Jo/).waitFor()
    expect(await page.locator('.alarm').count()).toBe(0)

    await mend((await findingOf('paused'))!.remedy)
    await until(async () => await statusOf(job) === 'success')
  })
})
