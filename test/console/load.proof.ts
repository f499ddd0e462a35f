import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { makeShare } from '../../scripts/console/share.ts'
import { type Console, startConsole } from '../../scripts/console/start.ts'
import { openScene, type Scene } from '../faults/support/scene.ts'
import { openBrowser, openContext, problemsOf } from './support/browser.ts'

// Over the whole stack, while jobs are called: what the console shows is what happens.

let scene: Scene
let served: Console
let browser: Browser
const problems: string[][] = []

beforeAll(async () => {
  scene = await openScene()
  served = await startConsole({
    databaseUrl: scene.stack.databaseUrl,
    // On a busy machine each look of a page would wait for twenty-five times of what the last one took.
    share: makeShare({ rest: 1 }),
  })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await served?.stop()
  await scene?.close()
  expect(problems.flat()).toEqual([])
})

async function open(path: string): Promise<Page> {
  const page = await (await openContext(browser, { baseURL: served.origin })).newPage()
  problems.push(problemsOf(page))
  await page.goto(served.address)
  await page.goto(path)
  return page
}

// 200 calls, by the four whole minutes before this one and what there is of this one.
const PACE = /^(4\d(\.\d)?|50) calls a minute$/

test('shows to all who look how a queue works through its jobs', async () => {
  const queue = await scene.queue({ name: 'loaded', workers: 4 })
  const viewers = [await open('/'), await open('/'), await open('/')]
  const rows = viewers.map((page) => page.getByRole('row', { name: 'loaded' }))
  const answer = scene.holdAnswers()
  await scene.db.query('insert into supaqueue.job (queue) select $1 from generate_series(1, 200)', [queue])

  await Promise.all(rows.map((row) => row.getByText('4 of 4 taken').waitFor()))
  answer()
  await scene.untilEnded(queue)

  await Promise.all(rows.map((row) => row.getByText(PACE).waitFor()))
  await Promise.all(rows.map((row) => row.getByText('0 of 4 taken').waitFor()))
  expect(new Set(await scene.fates(queue))).toEqual(new Set(['success 1']))
})

test('tells the story of a job while it is called', async () => {
  const queue = await scene.queue({ name: 'told' })
  const answer = scene.holdAnswers()
  const job = await scene.job(queue, { film: 'M' })
  const page = await open(`/jobs/${job}`)

  await page.getByText(/^attempt 1 is being called for/).waitFor()
  await page.getByText('Held by run').waitFor()
  answer()

  await page.getByText(/^succeeded .* ago after 1 attempt$/).waitFor()
  await page.getByRole('region', { name: 'Result' }).getByText('"M"').waitFor()
})

test('cancels a job whose call is under way: its outcome changes nothing', async () => {
  const queue = await scene.queue({ name: 'unwanted' })
  const answer = scene.holdAnswers()
  const job = await scene.job(queue)
  const page = await open(`/jobs/${job}`)
  await page.getByText(/^attempt 1 is being called for/).waitFor()

  await page.getByRole('button', { name: 'Cancel job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel jobs' }).click()
  await page.getByText(/^was cancelled/).waitFor()
  answer()
  await scene.untilAsleep(queue)

  expect(await scene.fates(queue)).toEqual(['cancelled 1'])
})
