import { expect, test } from 'vitest'
import { statuses } from '../support/failures.ts'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

const idsIn = async (page: Awaited<ReturnType<typeof stage.open>>) =>
  (await page.getByRole('rowheader').allTextContents()).map(Number)

test('says so when no job fits, and what can be done about it', async () => {
  const page = await stage.open('/jobs?status=cancelled')

  await page.getByText('No job matches').waitFor()

  await expectAccessible(page)
})

test('shows what a queue runs, what begins next, and what ended last, in this order', async () => {
  const queue = await stage.harness.queue({ name: 'ordered' })
  const [old, recent] = [await stage.harness.job(queue, { status: 'success' }), await stage.harness.job(queue)]
  const [low, high] = [await stage.harness.job(queue), await stage.harness.job(queue, { priority: 5 })]
  await stage.harness.db.query(`update supaqueue.job set finished_at = now() - interval '1 hour' where id = $1`, [old])
  await stage.harness.db.query(`update supaqueue.job set status = 'failed', error = 'out of ink' where id = $1`, [
    recent,
  ])
  const running = await stage.harness.job(queue, { priority: 9 })
  await stage.harness.workers(queue, 1)
  await stage.harness.processJobs(queue)

  const page = await stage.open('/jobs?queue=ordered')

  await page.getByText('out of ink').waitFor()
  expect(await idsIn(page)).toEqual([running, high, low, recent, old])
  await expectAccessible(page)
})

test.each([
  ['pending', async () => await stage.harness.jobs(await stage.harness.queue({ name: 'pages of pending' }), 120)],
  ['failed', async () => {
    const ids = await stage.harness.jobs(await stage.harness.queue({ name: 'pages of failed' }), 120)
    await stage.harness.db.query(`update supaqueue.job set status = 'failed' where id = any ($1)`, [ids])
    return ids.reverse()
  }],
])('leads through all that are %s, page by page, and none comes twice', async (status, make) => {
  const ids = await make()
  const page = await stage.open(`/jobs?status=${status}&queue=pages of ${status}`)

  const seen: number[] = []
  for (let more = true; more;) {
    await page.getByRole('rowheader').first().waitFor()
    seen.push(...await idsIn(page))
    const next = page.getByRole('link', { name: 'Next page' })
    more = await next.count() > 0
    if (!more) break
    await next.click()
    await page.getByRole('rowheader', { name: String(seen.at(-1)), exact: true }).waitFor({ state: 'detached' })
  }

  expect(seen).toEqual(ids)
})

test('finds jobs by what their payload has, and by their key', async () => {
  const queue = await stage.harness.queue({ name: 'found' })
  const [wanted, other] = [
    await stage.harness.job(queue, { payload: { user: { id: 7 }, to: 'a@b.example' } }),
    await stage.harness.job(queue, { payload: { user: { id: 8 } } }),
  ]
  await stage.harness.update('job', other, { dedupe_key: 'invoice-8' })
  const page = await stage.open('/jobs?queue=found')
  await page.getByRole('rowheader', { name: String(other) }).waitFor()

  await page.getByLabel('Payload has').fill('user.id=7')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('rowheader', { name: String(other) }).waitFor({ state: 'detached' })
  await page.getByRole('rowheader', { name: String(wanted) }).waitFor()
  expect(await idsIn(page)).toEqual([wanted])

  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByLabel('Dedupe key').fill('invoice-8')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('rowheader', { name: String(wanted) }).waitFor({ state: 'detached' })
  await page.getByRole('rowheader', { name: String(other) }).waitFor()
  expect(await idsIn(page)).toEqual([other])
})

test.each([
  ['user.age>30', 'old'],
  ['user.age<=30', 'young'],
  ['user.name!=Ada', 'old'],
  ['user.name~ADA', 'young'],
  ['$.user.age == 29', 'young'],
])('finds jobs by a path and an operator: %s', async (text, wanted) => {
  const queue = await stage.harness.queue({ name: `paths ${text}` })
  const jobs: Record<string, number> = {
    young: await stage.harness.job(queue, { payload: { user: { age: 29, name: 'Ada' } } }),
    old: await stage.harness.job(queue, { payload: { user: { age: 70, name: 'Bob' } } }),
  }
  const other = Object.entries(jobs).find(([name]) => name !== wanted)![1]
  const page = await stage.open(`/jobs?queue=${encodeURIComponent(`paths ${text}`)}`)
  await page.getByRole('rowheader', { name: String(other) }).waitFor()

  await page.getByLabel('Payload has').fill(text)
  await page.getByRole('button', { name: 'Show' }).click()

  await page.getByRole('rowheader', { name: String(other) }).waitFor({ state: 'detached' })
  await page.getByRole('rowheader', { name: String(jobs[wanted]) }).waitFor()
})

test('finds jobs by what their error contains', async () => {
  const queue = await stage.harness.queue({ name: 'by error' })
  const [wanted, other] = [
    await stage.harness.job(queue, { status: 'failed' }),
    await stage.harness.job(queue, { status: 'failed' }),
  ]
  await stage.harness.update('job', wanted, { error: 'Card Declined' })
  const page = await stage.open('/jobs?queue=by error')
  await page.getByRole('rowheader', { name: String(other) }).waitFor()

  await page.getByLabel('Error contains').fill('declined')
  await page.getByRole('button', { name: 'Show' }).click()

  await page.getByRole('rowheader', { name: String(other) }).waitFor({ state: 'detached' })
  await page.getByRole('rowheader', { name: String(wanted) }).waitFor()
})

test('sorts by what the list can be sorted by, and back', async () => {
  const queue = await stage.harness.queue({ name: 'sorted' })
  const jobs = [
    await stage.harness.job(queue, { status: 'failed' }),
    await stage.harness.job(queue, { status: 'failed' }),
    await stage.harness.job(queue, { status: 'failed' }),
  ]
  for (const [place, job] of jobs.entries()) {
    await stage.harness.db.query(
      `update supaqueue.job set attempts = $2, call_ms = $3, finished_at = now() - $4::integer * interval '1 minute' where id = $1`,
      [job, [2, 3, 1][place], [10, 30, 20][place], 3 - place],
    )
  }
  const [first, second, third] = jobs
  const page = await stage.open('/jobs?queue=sorted')
  const order = async (ids: (number | undefined)[]) => {
    await page.waitForFunction(
      (wanted) => [...document.querySelectorAll('tbody th')].map((cell) => cell.textContent?.trim()).join() === wanted,
      ids.join(),
    )
  }
  await order([third, second, first])
  const sort = page.getByLabel('Sort by')
  expect(await sort.locator('option:checked').textContent()).toBe('in progress first')

  await page.getByRole('columnheader', { name: 'Attempts' }).getByRole('link').click()
  await order([second, first, third])
  expect(await page.getByLabel('Sort by').inputValue()).toBe('attempts')
  await expectAccessible(page)
  await page.setViewportSize({ width: 1280, height: 760 })
  await page.getByRole('columnheader', { name: 'Attempts' }).getByRole('link').click()
  await order([third, second, first])

  await page.getByLabel('Sort by').selectOption('slowest')
  await order([second, third, first])
  await page.getByLabel('Sort by').selectOption('oldest')
  await order([first, second, third])
})

test('keeps 50 jobs with long payloads and errors within 6,000 pixels on a phone, and unfolds one', async () => {
  const queue = await stage.harness.queue({ name: 'a queue with a rather long name' })
  const payload = { text: 'a long payload of many words '.repeat(20), end: true }
  const ids = await stage.harness.jobs(queue, 50)
  await stage.harness.db.query(
    `update supaqueue.job set payload = $2, status = 'failed', error = repeat('went wrong in a long way ', 20) where id = any ($1)`,
    [ids, JSON.stringify(payload)],
  )
  const page = await stage.open('/jobs?queue=a queue with a rather long name', {
    viewport: { width: 390, height: 844 },
  })
  await page.getByRole('rowheader', { name: String(ids[49]) }).waitFor()
  const heightOf = () => page.evaluate(() => document.documentElement.scrollHeight)

  expect(await page.getByRole('rowheader').count()).toBe(50)
  const height = await heightOf()
  expect(height).toBeLessThan(6000)
  await page.locator('.fold').first().click()
  await page.locator('.fold[open]').waitFor()
  expect(await heightOf()).toBeGreaterThan(height)
  await expectAccessible(page)
})

test('folds the filter away on a phone, until it is wanted', async () => {
  const page = await stage.open('/jobs', { viewport: { width: 390, height: 844 } })
  const filter = page.getByRole('form', { name: 'Filter' })
  await page.getByRole('button', { name: 'Filter' }).waitFor()
  expect(await filter.isVisible()).toBe(false)
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Filter' }).click()
  await filter.waitFor()
  await page.getByRole('button', { name: 'Hide the filter' }).click()
  await filter.waitFor({ state: 'hidden' })

  await page.goto(`${page.url().replace(/#.*/, '')}?status=failed`)
  await filter.waitFor()
})

test('keeps what is being typed while the list is drawn anew', async () => {
  const page = await stage.open('/jobs')
  await page.getByLabel('Dedupe key').pressSequentially('half a wo')

  // The one that comes first may have been on its way before.
  for (let n = 0; n < 3; n++) {
    const read = page.waitForResponse((response) => response.url().includes('/api/jobs'))
    await page.evaluate(() => dispatchEvent(new Event('supaqueue:refresh')))
    await read
  }

  expect(await page.getByLabel('Dedupe key').inputValue()).toBe('half a wo')
})

test('finds jobs of a batch, and those of a time', async () => {
  const queue = await stage.harness.queue({ name: 'timed' })
  const [early, late] = await stage.harness.jobs(queue, 2)
  const { rows: [batch] } = await stage.harness.db.query(
    'insert into supaqueue.batch (queue) values ($1) returning id',
    [queue],
  )
  await stage.harness.update('job', late!, { batch: batch.id })
  await stage.harness.db.query(
    `update supaqueue.job set status = 'success', finished_at = now() - make_interval(hours => case id when $1 then 5 else 1 end)
     where queue = $2`,
    [early, queue],
  )
  await stage.harness.db.query(
    `update supaqueue.job set finished_at = now() - make_interval(hours => case id when $1 then 5 else 1 end) where queue = $2`,
    [early, queue],
  )
  const hours = (n: number) => new Date(Date.now() - n * 3_600_000).toISOString()

  const page = await stage.open(`/jobs?batch=${batch.id}`)
  await page.getByRole('rowheader', { name: String(late) }).waitFor()
  expect(await idsIn(page)).toEqual([late])

  await page.goto(`/jobs?queue=timed&status=success&until=${hours(3)}`)
  await page.getByRole('rowheader', { name: String(early) }).waitFor()
  expect(await idsIn(page)).toEqual([early])

  await page.goto(`/jobs?queue=timed&since=${hours(3)}`)
  await page.getByRole('rowheader', { name: String(late) }).waitFor()
  expect(await idsIn(page)).toEqual([late])
})

test('retries the jobs that were chosen, after it said how many', async () => {
  const queue = await stage.harness.queue({ name: 'retried' })
  const ids = await stage.harness.jobs(queue, 3)
  await stage.harness.db.query(`update supaqueue.job set status = 'failed' where id = any ($1)`, [ids])
  const page = await stage.open('/jobs?queue=retried&status=failed')

  for (const id of ids.slice(0, 2)) await page.getByLabel(`Select job ${id}`).check()
  await page.getByRole('button', { name: 'Retry (2)' }).click()
  await page.getByRole('dialog', { name: 'Retry: 2 jobs?' }).getByRole('button', { name: 'Retry' }).click()

  await page.getByText('Retry: 2 jobs.').waitFor()
  await page.getByRole('rowheader', { name: String(ids[0]) }).waitFor({ state: 'detached' })
  expect(Object.values(await statuses(stage.harness, queue))).toEqual(['pending', 'pending', 'failed'])
})

test('cancels all jobs of a page, by keyboard alone', async () => {
  const queue = await stage.harness.queue({ name: 'cancelled' })
  const ids = await stage.harness.jobs(queue, 3)
  const page = await stage.open('/jobs?queue=cancelled&status=pending')
  await page.getByLabel(`Select job ${ids[0]}`).waitFor()

  await page.getByLabel('Select all on this page').focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Cancel jobs (3)' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel jobs' }).focus()
  await page.keyboard.press('Enter')

  await page.getByText('Cancel jobs: 3 jobs.').waitFor()
  expect(Object.values(await statuses(stage.harness, queue))).toEqual(['cancelled', 'cancelled', 'cancelled'])
})

test('has jobs due at once', async () => {
  const queue = await stage.harness.queue({ name: 'due' })
  const job = await stage.harness.job(queue, { due: '3 hours' })
  const page = await stage.open('/jobs?queue=due')

  await page.getByLabel(`Select job ${job}`).check()
  await page.getByRole('button', { name: 'Run now (1)' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click()

  await page.getByText('Run now: 1 job.').waitFor()
  expect((await stage.harness.jobRow(job)).run_at.getTime()).toBeLessThanOrEqual(Date.now())
})

test('says what refused, and why', async () => {
  const queue = await stage.harness.queue({ name: 'refused' })
  const job = await stage.harness.job(queue, { status: 'failed' })
  const page = await stage.open('/jobs?queue=refused')
  await page.getByLabel(`Select job ${job}`).check()
  await page.getByRole('button', { name: 'Retry (1)' }).click()
  await stage.harness.db.query('delete from supaqueue.job where id = $1', [job])

  await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()

  await page.getByRole('dialog').getByText(`there is no job ${job}`).waitFor()
})

test('explains a filter that it does not understand', async () => {
  const page = await stage.open('/jobs?payload=%7B')

  await page.getByText('the payload is not JSON').waitFor()
})
