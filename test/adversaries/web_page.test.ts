import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openContext } from '../console/support/browser.ts'
import { useStage } from '../console/support/stage.ts'

// What a page of a stranger tries in vain, in a browser in which the console is open. What any program can send is tried
// by console_requests.test.ts.

const stage = useStage()
const heard: IncomingHttpHeaders[] = []
const server = createServer((request, response) => {
  heard.push(request.headers)
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>stranger</title><body>')
})
let stranger: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stranger = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await stage.harness.queue({ name: 'calm' })
})
afterAll(() => void server.close())

/** A page of the stranger, in a browser that has the console open as well. */
async function strangersPage() {
  const console = await stage.open('/')
  await console.getByRole('row', { name: 'calm' }).waitFor()
  const page = await console.context().newPage()
  await page.goto(stranger)
  return { console, page }
}

const paused = async () =>
  (await stage.harness.db.query(`select paused from supaqueue.queue where name = 'calm'`)).rows[0].paused

test('what goes to other ports of this machine has nothing of ours in it', async () => {
  heard.length = 0
  const { console, page } = await strangersPage()
  await page.evaluate(() => fetch('/any', { credentials: 'include' }))
  const token = new URL(stage.console.address).hash.replace('#token=', '')

  expect(heard.length).toBeGreaterThan(1)
  expect(JSON.stringify(heard)).not.toContain(token)
  expect(heard.every(({ cookie }) => cookie === undefined)).toBe(true)
  expect(await console.context().cookies()).toEqual([])
  // Nor does the address keep it.
  expect(console.url()).toBe(`${stage.console.origin}/`)
})

test('requests of a page end nothing, read nothing and change nothing', async () => {
  const { console, page } = await strangersPage()

  const got = await page.evaluate(async (origin) => {
    const tries: [string, RequestInit][] = []
    for (const path of ['//', '/', '/api/overview', '/api/pause', '//stranger/', '/%']) {
      for (const mode of ['no-cors', 'cors'] as const) {
        for (const credentials of ['include', 'omit'] as const) {
          tries.push([path, { mode, credentials }])
          tries.push([path, { mode, credentials, method: 'POST', body: '{"queue":"calm"}' }])
          tries.push([path, { mode, credentials, method: 'POST', body: new Blob(['{'], { type: 'text/plain' }) }])
        }
      }
      tries.push([path, { headers: { authorization: 'Bearer x' } }], [path, { method: 'DELETE' }])
    }
    const answers = tries.map(([path, init]) => fetch(origin + path, init).then((all) => all.text(), () => ''))
    return (await Promise.all(answers)).join('')
  }, stage.console.origin)

  expect(got).toBe('')
  expect(await paused()).toBe(false)
  await console.reload()
  await console.getByRole('row', { name: 'calm' }).waitFor()
})

test('a form that is sent for somebody changes nothing', async () => {
  const { page } = await strangersPage()
  await page.evaluate((origin) => {
    const form = Object.assign(document.createElement('form'), {
      method: 'post',
      action: `${origin}/api/pause`,
      enctype: 'text/plain',
    })
    form.append(Object.assign(document.createElement('input'), { name: '{"queue":"calm","reason":"', value: '"}' }))
    document.body.append(form)
    form.submit()
  }, stage.console.origin)
  await page.getByText('this request is not from the console').waitFor()

  expect(await paused()).toBe(false)
})

test('the page cannot be framed, nor its scripts be loaded elsewhere', async () => {
  const { page } = await strangersPage()
  const loaded = await page.evaluate(async (origin) => {
    const script = Object.assign(document.createElement('script'), { src: `${origin}/api/me` })
    const frame = Object.assign(document.createElement('iframe'), { src: origin })
    const scripts = new Promise((resolve) => {
      script.onload = () => resolve('loaded')
      script.onerror = () => resolve('refused')
    })
    const frames = new Promise((resolve) => frame.onload = () => resolve(frame.contentDocument?.title ?? 'hidden'))
    document.body.append(script, frame)
    return [await scripts, await frames]
  }, stage.console.origin)

  expect(loaded[0]).toBe('refused')
  expect(page.frames().map((frame) => frame.url())).not.toContain(`${stage.console.origin}/`)
})

test('a page that opens the console gets no hold of it', async () => {
  const { page } = await strangersPage()
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate((origin) => {
      Object.assign(globalThis, { opened: open(origin) })
    }, stage.console.origin),
  ])
  await opened.getByRole('row', { name: 'calm' }).waitFor()

  expect(await page.evaluate(() => (globalThis as unknown as { opened: Window }).opened.closed)).toBe(true)
  expect(await opened.evaluate(() => globalThis.opener)).toBeNull()
})

test('a link with a token of somebody else locks nobody out', async () => {
  const { console } = await strangersPage()
  const other = await console.context().newPage()
  await other.goto(`${stage.console.origin}/#token=${'x'.repeat(32)}`)
  await other.getByRole('row', { name: 'calm' }).waitFor()
  await console.goto(`${stage.console.origin}/failures#token=${'x'.repeat(32)}`)
  await console.getByText('No job has failed').waitFor()

  expect(console.url()).toBe(`${stage.console.origin}/failures`)
})

test('a link that is opened in another tab is let in by the one it is opened from, and by none elsewhere', async () => {
  const { console } = await strangersPage()
  const tab = await console.context().newPage()
  await tab.goto(`${stage.console.origin}/jobs`)
  await tab.getByText('No job matches').waitFor()

  const elsewhere = await (await openContext(stage.browser)).newPage()
  await elsewhere.goto(`${stage.console.origin}/jobs`)
  await elsewhere.getByText('this browser has no access yet').first().waitFor()
  await elsewhere.goto(`${stage.console.address.replace('/#', '/jobs#')}`)

  await elsewhere.getByText('No job matches').waitFor()
})
