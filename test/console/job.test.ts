import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { called, steps } from '../functions/modules/steps/support.ts'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says why a job waits, and follows when that changes', async () => {
  const queue = await stage.harness.queue({ name: 'why' })
  const job = await stage.harness.job(queue, { payload: { film: 'Metropolis' } })
  await stage.harness.db.query(`select supaqueue.pause('why', null, 'the bank is closed')`)

  const page = await stage.open(`/jobs/${job}`)

  await page.getByText(/its queue is paused until it is resumed, by \S+ .*ago, because the bank is closed/).first()
    .waitFor()
  await page.getByText('"Metropolis"').waitFor()
  // Nothing was tried and nothing hangs together with it, so nothing is drawn.
  await page.getByText('No attempt has ended yet.').waitFor()
  await page.getByText('It depends on no job, and no job depends on it.').waitFor()
  expect(await page.getByRole('main').locator('svg.timeline, .arrow').count()).toBe(0)
  await expectAccessible(page)

  await stage.harness.db.query(`select supaqueue.resume('why')`)
  await page.getByText('the bank is closed').first().waitFor({ state: 'detached' })
})

test('says in red that its queue has no workers', async () => {
  const queue = await stage.harness.queue({ name: 'nobody', workers: 0 })
  const job = await stage.harness.job(queue)

  const page = await stage.open(`/jobs/${job}`)

  await page.locator('.bad', { hasText: 'its queue has no workers' }).waitFor()
  await expectAccessible(page)
})

test('draws the tries of a job, and names the run that holds it', async () => {
  const queue = await stage.harness.queue({ name: 'tried', workers: 1, retry_base_ms: 0 })
  const job = await stage.harness.job(queue)
  const run = randomUUID()
  const [first] = await stage.harness.take(run, queue)
  await stage.harness.report(run, queue, [first!.current_job.id], 'failed', { error: 'no paper', status: 500, ms: 120 })
  await stage.harness.db.query('update supaqueue.job set run_at = now() where id = $1', [job])
  await stage.harness.take(run, queue)

  const page = await stage.open(`/jobs/${job}`)

  await page.getByRole('img', { name: /^Attempt 1: failed \(500\), 120 ms; In progress/ }).waitFor()
  await page.getByRole('cell', { name: 'no paper' }).waitFor()
  await page.getByText(run).waitFor()
  await expectAccessible(page)
})

test('unfolds what was sent in a try, without values of headers, and what came back', async () => {
  const queue = await stage.harness.queue({
    name: 'unfolded',
    edge_function_name: 'print',
    workers: 1,
    max_attempts: 1,
    default_headers: { 'x-key': 'quiet' },
  })
  const job = await stage.harness.job(queue, { headers: { 'x-of': 'mine', traceparent: 'never' } })
  const run = randomUUID()
  const [first] = await stage.harness.take(run, queue)
  await stage.harness.report(run, queue, [first!.current_job.id], 'failed', {
    error: 'no paper',
    status: 500,
    head: 'HTTP 500 Internal Server Error\nserver: printer',
  })
  const page = await stage.open(`/jobs/${job}`)
  const tries = page.getByRole('region', { name: 'Attempts' })

  await tries.getByText('Request').click()
  await tries.getByText('POST /functions/v1/print').waitFor()
  const sent = await tries.locator('details[open] pre').textContent()
  expect(sent).toBe([
    'POST /functions/v1/print',
    `supaqueue-job-id: ${job}`,
    'supaqueue-attempt: 1',
    `idempotency-key: ${queue}-${job}`,
    'x-key: …',
    'x-of: …',
  ].join('\n'))
  await tries.getByText('Answer').click()
  await tries.getByText('server: printer').waitFor()
  expect(await page.content()).not.toMatch(/quiet<|mine/)
  await expectAccessible(page)
})

test('shows what a job waits for and what waits for it, and leads there', async () => {
  const queue = await stage.harness.queue({ name: 'linked' })
  const [source, middle, target] = await stage.harness.jobs(queue, 3)
  await stage.harness.db.query('select supaqueue.depend($1, array[$2::bigint])', [middle, source])
  await stage.harness.db.query('select supaqueue.depend($1, array[$2::bigint])', [target, middle])

  const page = await stage.open(`/jobs/${middle}`)

  await page.getByText('held by 1 source that has not ended').first().waitFor()
  await page.getByRole('link', { name: String(target), exact: true }).waitFor()
  await page.getByRole('link', { name: String(source), exact: true }).click()
  await page.getByRole('heading', { name: `Job ${source}` }).waitFor()
  expect(await page.title()).toBe(`Job ${source} – supaqueue`)
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
})

test.each([
  ['Retry', 'failed', 'pending'],
  ['Cancel job', 'pending', 'cancelled'],
  ['Hold', 'pending', 'held'],
  ['Release', 'held', 'pending'],
])('%s, on a job that is %s', async (verb, before, after) => {
  const queue = await stage.harness.queue()
  const job = await stage.harness.job(queue, { status: before })
  const page = await stage.open(`/jobs/${job}`)

  await page.getByRole('button', { name: verb }).click()
  await page.getByRole('dialog').locator('button[type=submit]').click()

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await stage.harness.jobRow(job)).status).toBe(after)
})

test('shows the steps of a job, what it waits for, and sends the signal', async () => {
  const { job, token } = await called(stage.harness, { name: 'stepped' })
  const { note, suspend, rows } = steps(stage.harness)
  await note(token, [
    { name: 'charge', status: 'failed', attempt: 1, error: 'card declined', ms: 40 },
  ])
  await note(token, [{ name: 'charge', attempt: 2, ms: 120, result: 1 }])
  await suspend(token, [{ name: 'approval', place: 2, kind: 'wait', after_ms: 86_400_000 }])

  const page = await stage.open(`/jobs/${job}`)

  await page.getByText(/waits for the signal approval since .*, until \w+day/).first().waitFor()
  await page.getByRole('row', { name: /charge done .* 120 ms .* card declined/ }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Send signal' }).click()
  await page.getByLabel(/as JSON/).fill('{"by": Ada}')
  await page.getByRole('dialog').locator('button[type=submit]').click()
  await page.getByText('what the signal carries is not JSON').waitFor()
  await page.getByLabel(/as JSON/).fill('{"by": "Ada"}')
  await page.getByRole('dialog').locator('button[type=submit]').click()

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await rows(job))[1]).toMatchObject({ status: 'done', result: { by: 'Ada' } })
})

test('is found by its id from anywhere', async () => {
  const job = await stage.harness.job(await stage.harness.queue())
  const page = await stage.open('/')

  await page.getByLabel('Job id').fill(String(job))
  await page.keyboard.press('Enter')

  await page.getByRole('heading', { name: `Job ${job}` }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/jobs/${job}`)
})

test('says what became of a job that is not there', async () => {
  const page = await stage.open('/jobs/999999999')

  await page.getByText('there is no job 999999999').waitFor()
  await expectAccessible(page)
})

test('offers to skip a failed job that keeps others waiting, and says which job one waits for', async () => {
  const queue = await stage.harness.queue({ name: 'in line', workers: 1, ordered: 'key', max_attempts: 1 })
  const job = await stage.harness.job(queue, { concurrency_key: 'a' })
  const next = await stage.harness.job(queue, { concurrency_key: 'a' })
  const run = randomUUID()
  const [first] = await stage.harness.take(run, queue)
  await stage.harness.report(run, queue, [first!.current_job.id], 'failed', { error: 'no paper' })

  const page = await stage.open(`/jobs/${next}`)
  await page.getByText(new RegExp(`job ${job} comes before it with the key 'a', and failed`)).first().waitFor()
  await page.goto(`/jobs/${job}`)
  await page.getByText(/keeps the jobs after it waiting/).first().waitFor()
  await page.getByRole('button', { name: 'Skip job' }).click()
  await page.getByRole('dialog').locator('button[type=submit]').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  expect((await stage.harness.jobRow(job)).status).toBe('cancelled')
})
