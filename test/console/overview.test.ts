import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says what to do while there is no queue', async () => {
  const page = await stage.open('/')

  await page.getByText('No queue yet').waitFor()

  await expectAccessible(page)
})

test('shows workers, what waits and failed, and what holds a queue back', async () => {
  const queue = await stage.harness.queue({ name: 'mails', workers: 4, edge_function_name: 'mails' })
  await stage.harness.jobs(queue, 3)
  await stage.harness.job(queue, { status: 'failed' })
  await stage.harness.openCircuit(queue)
  await stage.harness.db.query(`select supaqueue.pause('mails', now() + interval '1 hour', 'the provider is down')`)

  const page = await stage.open('/')

  const row = page.getByRole('row', { name: 'mails' })
  await row.getByText(/^\d of 4 taken$/).waitFor()
  await row.getByText(/, ends in \d+ min: the provider is down/).waitFor()
  await row.getByText(/Circuit of \S+ \S+ open, next try in \d+ s: too many requests/).waitFor()
  await row.getByRole('link', { name: '1', exact: true }).waitFor()
  await expectAccessible(page)
})

test('shows all of its columns on a laptop, with what every one of them can say', async () => {
  const queue = await stage.harness.queue({ name: 'emails', workers: 8, edge_function_name: 'hello' })
  await stage.harness.jobs(queue, 23)
  await stage.harness.db.query(
    `insert into supaqueue.history (queue, span, at, enqueued, begun, succeeded, failed, calls, backlog)
     select $1, 'minute', date_trunc('minute', now()) - i * interval '1 minute', 3, 9, 6, 3, '{"20": 9}', 20 + i
     from generate_series(0, 59) as i`,
    [queue],
  )
  const page = await stage.open('/')
  await page.setViewportSize({ width: 1280, height: 760 })
  const row = page.getByRole('row', { name: 'emails' })
  await row.getByRole('button', { name: 'Workers & rate' }).waitFor()
  await row.getByText(/^empty in/).waitFor()

  const beyond = await page.getByRole('region', { name: 'Queues' }).evaluate((box) => box.scrollWidth - box.clientWidth)
  expect(beyond).toBe(0)
})

test('says in red that a queue has no worker', async () => {
  const queue = await stage.harness.queue({ name: 'nobody', workers: 0 })
  await stage.harness.job(queue)

  const page = await stage.open('/')

  await page.getByRole('row', { name: 'nobody' }).locator('.bad', { hasText: 'no worker' }).waitFor()
  await expectAccessible(page)
})

test('pauses a queue with a reason, and resumes it', async () => {
  await stage.harness.queue({ name: 'films', workers: 1 })
  const page = await stage.open('/')
  const row = page.getByRole('row', { name: 'films' })

  await row.getByRole('button', { name: 'Pause' }).click()
  await page.getByLabel(/^Reason/).fill('maintenance')
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()

  await row.getByText(/^Paused by \S+ .*: maintenance$/).waitFor()
  expect(await settingsOf('films')).toMatchObject({ paused: true, paused_reason: 'maintenance', paused_until: null })

  await row.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()

  await row.getByRole('button', { name: 'Pause' }).waitFor()
  expect(await settingsOf('films')).toMatchObject({ paused: false })
})

test('does nothing when asked and told no', async () => {
  await stage.harness.queue({ name: 'spared' })
  const page = await stage.open('/')
  const row = page.getByRole('row', { name: 'spared' })

  await row.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Pause')
  expect(await settingsOf('spared')).toMatchObject({ paused: false })
})

test('gives the focus back to where it was, however a dialog ends', async () => {
  await stage.harness.queue({ name: 'focused' })
  const page = await stage.open('/')
  const pause = page.getByRole('row', { name: 'focused' }).getByRole('button', { name: 'Workers & rate' })
  const focused = () => page.evaluate(() => document.activeElement?.textContent)

  for (const end of ['Cancel', 'Save']) {
    await pause.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: end }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await expect.poll(focused, { message: end }).toBe('Workers & rate')
  }
})

test('halves the workers of a queue, and sets how many begin in a second', async () => {
  await stage.harness.queue({ name: 'imports', workers: 8 })
  const page = await stage.open('/')
  const row = page.getByRole('row', { name: 'imports' })

  await row.getByRole('button', { name: 'Workers & rate' }).click()
  await page.getByRole('button', { name: 'Halve' }).click()
  await page.getByLabel(/^Jobs started in a second/).fill('2.5')
  await page.getByRole('button', { name: 'Save' }).click()

  await row.getByText('0 of 4 taken').waitFor()
  await row.getByText('at most 2.5 a second').waitFor()
  const { rows } = await stage.harness.db.query(
    `select name, workers, max_rps from supaqueue.queue_overview where name = 'imports'`,
  )
  expect(rows).toEqual([{ name: 'imports', workers: 4, max_rps: 2.5 }])
})

test('shows what the database refuses, and leaves the dialog open', async () => {
  const id = await stage.harness.queue({ name: 'gone' })
  const page = await stage.open('/')
  await page.getByRole('row', { name: 'gone' }).getByRole('button', { name: 'Pause' }).click()
  await stage.harness.db.query('delete from supaqueue.queue where id = $1', [id])

  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()

  await page.getByRole('dialog').getByText('SQ404').waitFor()
})

test('follows what happens without being loaded anew', async () => {
  const page = await stage.open('/')
  await page.getByRole('row').first().waitFor()

  const queue = await stage.harness.queue({ name: 'newcomer', workers: 1 })
  await stage.harness.jobs(queue, 7)

  const row = page.getByRole('row', { name: 'newcomer' })
  await row.getByText('1 of 1 taken').waitFor()
  await row.getByRole('link', { name: '6', exact: true }).waitFor()
})

test('draws the calls of the last hour, those that failed, and the backlog', async () => {
  const queue = await stage.harness.queue({ name: 'busy' })
  await stage.harness.db.query(
    `insert into supaqueue.history (queue, span, at, succeeded, failed, retried, backlog)
     select $1, 'minute', date_trunc('minute', now()) - ago * interval '1 minute', 2, 1, 1, ago
     from unnest('{10, 20, 90}'::integer[]) as ago`,
    [queue],
  )
  const page = await stage.open('/')

  await page.getByRole('img', { name: 'busy: 8 calls ended in the last hour, 4 of them failed' }).waitFor()
  await page.getByRole('img', { name: 'busy: at most 20 due at once in the last hour' }).waitFor()
})

test('says when a backlog is empty, and how fast one grows', async () => {
  const [shrinks, grows] = [
    await stage.harness.queue({ name: 'shrinks' }),
    await stage.harness.queue({ name: 'rising' }),
  ]
  await stage.harness.jobs(shrinks, 3)
  await stage.harness.jobs(grows, 3)
  await stage.harness.db.query(
    `insert into supaqueue.history (queue, span, at, succeeded, enqueued)
     select queue, 'minute', date_trunc('minute', now()), succeeded, 500 - succeeded
     from unnest($1::uuid[], '{400, 100}'::integer[]) as entry (queue, succeeded)`,
    [[shrinks, grows]],
  )
  const page = await stage.open('/')

  await page.getByRole('row', { name: 'shrinks' }).getByText(/^empty in about /).waitFor()
  await page.getByRole('row', { name: 'rising' }).getByText(/^grows by [\d.]+ a minute$/).waitFor()
  await expectAccessible(page)
})

test('is read again and again, but not while nobody looks', async () => {
  const page = await stage.open('/')
  await page.getByRole('row').first().waitFor()
  await page.clock.install()
  await page.reload()
  await page.getByRole('row').first().waitFor()
  let asked = 0
  page.on('request', () => asked++)

  await page.clock.runFor(60_000)
  expect(asked).toBeGreaterThan(0)

  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  const before = asked
  await page.clock.runFor(60_000)

  expect(asked).toBe(before)
})

const settingsOf = async (name: string) =>
  (await stage.harness.db.query('select * from supaqueue.queue where name = $1', [name])).rows[0]
