import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { failedJob, fingerprintOf } from '../support/failures.ts'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('shows one queue: what it calls, does, waits for and fails of, what feeds it, and how it is set', async () => {
  const queue = await stage.harness.queue({
    name: 'mails & more',
    edge_function_name: 'send-mail',
    workers: 2,
    default_headers: { authorization: 'Bearer quiet' },
  })
  await stage.harness.db.query(
    `insert into supaqueue.schedule (name, queue, cron) values ('morning', $1, '30 8 * * *')`,
    [queue],
  )
  await stage.harness.db.query(`select supaqueue.allow('mails & more', 'authenticated')`)
  await stage.harness.db.query(
    `insert into supaqueue.history (queue, span, at, succeeded, failed)
     values ($1, 'minute', date_trunc('minute', now()) - interval '5 hours', 40, 2)`,
    [queue],
  )
  await failedJob(stage.harness, queue, 'no stamp')
  const job = await stage.harness.job(queue)
  const run = randomUUID()
  await stage.harness.take(run, queue)

  const page = await stage.open('/')
  await page.getByRole('link', { name: 'mails & more', exact: true }).first().click()

  await page.getByRole('heading', { name: 'Queue mails & more', level: 1 }).waitFor()
  await page.getByText('Calls send-mail').waitFor()
  await page.getByRole('region', { name: 'Workers that have a job' }).getByRole('link', { name: String(job) }).waitFor()
  await page.getByText(run.slice(0, 8)).first().waitFor()
  await page.getByText(fingerprintOf('no stamp')).waitFor()
  await page.getByText('morning').waitFor()
  await page.getByText('Users of the app').waitFor()
  await page.getByRole('img', { name: 'mails & more, the last 24 hours: 42 calls ended, 2 failed' }).waitFor()
  await page.getByText('max_attempts').waitFor()
  expect(await page.content()).not.toContain('Bearer quiet')
  await expectAccessible(page)
})

test('shows what a queue subscribed to, and of a job what it was published as', async () => {
  await stage.harness.queue({ name: 'invoices' })
  await stage.harness.db.query(`select supaqueue.subscribe('order.*', 'invoices', '{"country": "de"}')`)
  const { rows: [{ ids: [job] }] } = await stage.harness.db.query(
    `select supaqueue.publish('order.paid', '{"id": 7, "country": "de"}') as ids`,
  )
  const page = await stage.open('/queues/invoices')

  const feeds = page.getByRole('region', { name: 'Where its jobs come from' })
  await feeds.getByRole('listitem').filter({ hasText: 'Subscribed to order.*' }).getByText('{"country": "de"}')
    .waitFor()
  await expectAccessible(page)

  await page.goto(`${new URL(page.url()).origin}/jobs/${job}`)
  await page.getByText(/made of what was published as order\.paid, since its queue subscribed to order\.\* where/)
    .waitFor()
})

test('pauses from there, and says who did it', async () => {
  await stage.harness.queue({ name: 'braked' })
  const page = await stage.open('/queues/braked')

  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByLabel(/^Reason/).fill('the bank is closed')
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()

  await page.getByText(/^Paused by \S+ .*: the bank is closed$/).waitFor()
})

test('changes settings, only those that were changed there, and says what cannot be', async () => {
  const queue = await stage.harness.queue({ name: 'set', max_attempts: 3 })
  const page = await stage.open('/queues/set')
  const dialog = page.getByRole('dialog', { name: 'Settings of set' })

  await page.getByRole('button', { name: 'Edit settings' }).click()
  await dialog.getByLabel('Attempts, at most').fill('7')
  await dialog.getByLabel('Keep failed jobs for').fill('a while')
  await stage.harness.db.query(`update supaqueue.queue set timeout_ms = 1234, per_key = 1 where id = $1`, [queue])
  await expectAccessible(page)
  await page.setViewportSize({ width: 1280, height: 760 })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Keep failed jobs for').fill('3 days')
  await dialog.getByLabel('One after the other by').selectOption('key')
  await dialog.getByRole('button', { name: 'Save' }).click()

  await page.getByText('3 settings of set changed.').waitFor()
  const { rows } = await stage.harness.db.query(
    'select max_attempts, timeout_ms, per_key, keep_failed::text, ordered, dedupe_until from supaqueue.queue where id = $1',
    [queue],
  )
  expect(rows).toEqual([{
    max_attempts: 7,
    timeout_ms: 1234,
    per_key: 1,
    keep_failed: '3 days',
    ordered: 'key',
    dedupe_until: 'finished',
  }])
  const { rows: told } = await stage.harness.db.query(`select after from supaqueue.audit where queue = $1`, [queue])
  expect(JSON.stringify(told)).toContain('"max_attempts":7')
})

test('enqueues a job, refuses what is no JSON, and leads to the job', async () => {
  const queue = await stage.harness.queue({ name: 'tested' })
  const page = await stage.open('/queues/tested')

  await page.getByRole('button', { name: 'Enqueue a job' }).click()
  const dialog = page.getByRole('dialog', { name: 'Enqueue a job into tested' })
  await dialog.getByLabel('Payload, as JSON').fill('{to: ada}')
  await dialog.getByRole('button', { name: 'Enqueue' }).click()
  await dialog.getByText('SQ422').waitFor()
  await expectAccessible(page)
  await dialog.getByLabel('Payload, as JSON').fill('{"to": "ada"}')
  await dialog.getByLabel(/^Priority/).fill('5')
  await dialog.getByRole('button', { name: 'Enqueue' }).click()

  await page.getByRole('heading', { name: /^Job \d+$/ }).waitFor()
  const { rows } = await stage.harness.db.query(
    'select id, payload, priority from supaqueue.job where queue = $1',
    [queue],
  )
  expect(rows).toEqual([{ id: expect.anything(), payload: { to: 'ada' }, priority: 5 }])
  await page.getByRole('heading', { name: `Job ${rows[0].id}` }).waitFor()
})

test('clones a job with another payload, and leaves the first one as it is', async () => {
  const queue = await stage.harness.queue({ name: 'cloned' })
  const job = await stage.harness.job(queue, { status: 'failed', payload: { to: 'ada' }, priority: 7 })
  await stage.harness.update('job', job, { dedupe_key: 'once', concurrency_key: 'site' })
  const page = await stage.open(`/jobs/${job}`)

  await page.getByRole('button', { name: 'Clone' }).click()
  const payload = page.getByRole('dialog', { name: `Clone job ${job}` }).getByLabel('Payload, as JSON')
  expect(JSON.parse(await payload.inputValue())).toEqual({ to: 'ada' })
  await payload.fill('{"to": "bob"}')
  await page.getByRole('dialog').getByRole('button', { name: 'Enqueue' }).click()

  await page.getByText(/^Job \d+ is enqueued\.$/).waitFor()
  const { rows } = await stage.harness.db.query(
    `select payload, status, priority, dedupe_key, concurrency_key from supaqueue.job where queue = $1 order by id`,
    [queue],
  )
  expect(rows).toEqual([
    { payload: { to: 'ada' }, status: 'failed', priority: 7, dedupe_key: 'once', concurrency_key: 'site' },
    { payload: { to: 'bob' }, status: 'pending', priority: 7, dedupe_key: null, concurrency_key: 'site' },
  ])
})

test('clones a payload to the letter, however large: no number loses digits', async () => {
  const queue = await stage.harness.queue({ name: 'digits' })
  await stage.harness.update('queue', queue, { payload_max_bytes: 2_000_000 })
  const { rows: [{ job }] } = await stage.harness.db.query(
    `select supaqueue.enqueue('digits', ('{"id": 12345678901234567890, "quoted": "' || repeat('\\"', 500000) || '"}')::jsonb) as job`,
  )
  const page = await stage.open(`/jobs/${job}`)
  await page.getByText('12345678901234567890').first().waitFor()

  await page.getByRole('button', { name: 'Clone' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Enqueue' }).click()

  await page.getByText(/^Job \d+ is enqueued\.$/).waitFor()
  const { rows } = await stage.harness.db.query(
    'select count(*)::integer as jobs, count(distinct payload)::integer as payloads from supaqueue.job where queue = $1',
    [queue],
  )
  expect(rows).toEqual([{ jobs: 2, payloads: 1 }])
})

test('says that a queue is not there, whatever its name', async () => {
  const page = await stage.open('/queues/no%20such')

  await page.getByText('there is no queue no such').waitFor()
})
