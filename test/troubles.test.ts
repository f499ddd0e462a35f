import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, onTestFinished, test } from 'vitest'
import { type Console, startConsole } from '../scripts/console/start.ts'
import { openBrowser, openContext } from './console/support/browser.ts'
import { type Hosted, startHosted } from './support/management_api/hosted.ts'
import { until } from './support/until.ts'

// The troubles that wake an operator at three in the morning, each on a project with everything in it. For each: what
// explain, status, doctor and the page say, and that what they name fixes it.

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
  const context = await openContext(browser, { baseURL: console.origin })
  page = await context.newPage()
  await page.goto(console.address)
})

beforeEach(() => {
  onTestFailed(async () => {
    process.stdout.write(`The page shows:\n${await page.locator('body').innerText()}\n`)
  })
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
async function stuckBecause(code: string, jobs = 1): Promise<number> {
  const job = await enqueue()
  for (let n = 1; n < jobs; n++) await enqueue()
  await until(async () => {
    await sweep()
    return await findingOf(code) !== undefined
  })
  return job
}

/** Runs what a finding names, as whoever reads it would. */
async function fix(remedy: string): Promise<void> {
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
    expect(text).toContain('fix: npx supaqueue rotate-secret')
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

  test('the command fixes it, and who changed the secret is written down', async () => {
    await fix((await findingOf('secrets_differ'))!.remedy)
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
    onTestFinished(() => one(`select supaqueue.resume('photos')`))
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
    await page.locator('.alarm').waitFor({ state: 'detached' })

    await fix((await findingOf('paused'))!.remedy)
    await until(async () => await statusOf(job) === 'success')
  })
})

describe('functions answer 500', () => {
  const BROKEN =
    `Deno.serve(() => new Response('no such bucket: photos-' + Math.floor(Math.random() * 1e6), { status: 500 }))`
  let jobs: number[]

  test('the overview, status and doctor say so before a job has failed for good', async () => {
    write('photos', BROKEN)
    await asleep()
    await one(`update supaqueue.queue set max_attempts = 1000, retry_base_ms = 200, retry_max_ms = 200`)
    project.restart('photos')
    jobs = []
    for (let n = 0; n < 6; n++) jobs.push(await enqueue())
    await until(async () => {
      await sweep()
      return await findingOf('calls_fail') !== undefined
    })

    expect((await one(`select count(*) as failed from supaqueue.job where status = 'failed'`)).failed).toBe('0')
    const { text } = (await findingOf('calls_fail'))!
    expect(text).toMatch(
      /^\d+ of \d+ calls of photos failed in the last five minutes \(\d+ %\), most often of: failed 500: .*no such bucket: photos-#/,
    )
    expect(Number((await one('select error_rate from supaqueue.queue_overview')).error_rate)).toBeGreaterThan(0.5)
    expect(await status()).toMatch(/^WARNING: \d+ of \d+ calls of photos failed/m)
    expect(await doctor()).toMatch(/WRONG rates +\d+ of \d+ calls of photos failed/)
  })

  test('every page shows it at its top, and they are one group', async () => {
    await page.goto('/jobs')
    await page.locator('.alarm').filter({ hasText: 'calls of photos failed' }).waitFor()
    await one(`update supaqueue.queue set max_attempts = 1`)
    await until(async () => (await Promise.all(jobs.map(statusOf))).every((now) => now === 'failed'))

    expect((await explain(jobs[0]!)).text).toMatch(/^failed .* after \d+ attempts?: .*no such bucket: photos-\d+/)
    const { rows } = await project.db.query('select jobs::integer, fingerprint from supaqueue.failures')
    expect(rows).toEqual([{ jobs: 6, fingerprint: expect.stringContaining('no such bucket: photos-#') }])
  })

  test('once the function is fixed, the statement that is named retries them', async () => {
    const { remedy } = (await findingOf('calls_fail'))!
    write('photos', `Deno.serve(() => Response.json({ done: true }))`)
    project.restart('photos')

    await fix(remedy)

    await until(async () => (await Promise.all(jobs.map(statusOf))).every((now) => now === 'success'))
    // As five minutes later.
    await until(async () => {
      await sweep()
      await one('delete from supaqueue.history')
      return await findingOf('calls_fail') === undefined
    })
  })
})

describe('a function was deleted', () => {
  let job: number

  test('explain, status, doctor and the page name it, and what to do', async () => {
    rmSync(folderOf('photos'), { recursive: true })
    job = await stuckBecause('circuit_open', 6)

    expect((await explain(job)).text).toMatch(/function photos.*NOT_FOUND/)
    const found = (await findingOf('circuit_open'))!
    expect(found).toMatchObject({ severity: 'warning', queue: 'photos', remedy: 'supabase functions deploy photos' })
    expect(await status()).toMatch(
      /calls of the function photos are held back: .*NOT_FOUND.*supabase functions deploy photos/,
    )
    expect(await doctor()).toMatch(/WRONG targets +calls of the function photos are held back/)
    await page.goto('/')
    await page.locator('.alarm').filter({ hasText: 'calls of the function photos are held back' }).waitFor()
    await page.goto('/health')
    await page.getByRole('list', { name: 'Findings' }).getByText('supabase functions deploy photos').waitFor()
  })

  test('it is named for as long as it lasts, also while one call is tried', async () => {
    await one(`update supaqueue.circuit set open_until = clock_timestamp() where open_until is not null`)

    expect(await findingOf('circuit_open')).toBeDefined()
  })

  test('once it is deployed, one click has it tried, and the jobs go on', async () => {
    write('photos', `Deno.serve(() => Response.json({ done: true }))`)
    const row = page.getByRole('list', { name: 'Findings' }).getByRole('listitem')
      .filter({ hasText: 'calls of the function photos are held back' })
    await row.getByRole('button', { name: 'Try now' }).click()

    await until(async () => await statusOf(job) === 'success')
    await until(async () => await findingOf('circuit_open') === undefined)
  })
})

describe('a backlog grows', () => {
  test('it is named with how many, since when and how fast it grows; more workers are what fixes it', async () => {
    await until(async () => {
      await sweep()
      return (await findings()).every(({ severity }) => severity === 'info')
    })
    // None of them ends by itself, however long the rest takes.
    write('photos', `Deno.serve(() => new Promise((done) => setTimeout(() => done(Response.json({})), 300_000)))`)
    project.restart('photos')
    const jobs: number[] = (await one(
      `with made as (
         insert into supaqueue.job (queue, run_at)
         select queue.id, now() - interval '10 minutes' from supaqueue.queue, generate_series(1, 400) returning id
       ) select array_agg(id::integer) as ids from made`,
    )).ids
    await until(async () => {
      await sweep()
      return await findingOf('falls_behind') !== undefined
    })

    const found = (await findingOf('falls_behind'))!
    expect(found.text).toMatch(
      /^photos falls behind: \d+ jobs are due, the first one for 1\d min, and its backlog (grows by [\d.]+ a minute|does not shrink); all of its 2 workers are taken$/,
    )
    expect(await status()).toMatch(
      /^WARNING: photos falls behind: .*\n {2}To fix it: select supaqueue.set_concurrency\('photos', 4\);$/m,
    )
    expect(await doctor()).toMatch(/WRONG rates +photos falls behind/)
    expect((await explain(jobs.at(-1)!)).text).toMatch(/jobs come before it|workers are taken/)
    await page.goto('/')
    await page.locator('.alarm').filter({ hasText: 'photos falls behind' }).waitFor()

    write('photos', `Deno.serve(() => Response.json({ done: true }))`)
    project.restart('photos')
    await fix(found.remedy)
    await until(async () => {
      const now = await one(`select due, drains_per_minute::float8 as drains, empty_in from supaqueue.queue_overview`)
      return now.due === 0 || now.drains > 0 && now.empty_in !== null
    })
    await until(async () => await findingOf('falls_behind') === undefined)
  })
})
