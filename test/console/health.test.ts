import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says which links of the chain are whole, which are broken, and what fixes them', async () => {
  const queue = await stage.harness.queue({ name: 'lonely' })
  await stage.harness.openCircuit(queue)

  const page = await stage.open('/health')

  await page.locator('.checks').getByRole('listitem').filter({ hasText: 'schema' }).filter({ hasText: 'is well' })
    .waitFor()
  const broken = page.locator('.checks').getByRole('listitem').filter({ hasText: 'is broken' }).filter({
    hasText: 'targets',
  })
  await broken.getByText(/calls of the function hello are held back/).waitFor()
  await broken.getByText(/select supaqueue.try_target/).waitFor()
  await page.getByText(/^\d things? to fix\.$/).or(page.getByText(/\d things? to fix\./)).first().waitFor()
  await expectAccessible(page)
})

test('does not change what it looks at', async () => {
  const count = async () =>
    (await stage.harness.db.query('select count(*) from net.http_request_queue')).rows[0].count +
    (await stage.harness.db.query('select count(*) from supaqueue.job')).rows[0].count
  const before = await count()

  const page = await stage.open('/health')
  await page.getByRole('listitem').first().waitFor()

  expect(await count()).toBe(before)
})

test('shows what was set aside, why and until when, and tries it again', async () => {
  const queue = await stage.harness.queue({ name: 'aside', workers: 1 })
  await stage.harness.db.query('insert into supaqueue.job (queue, status) values ($1, $2)', [queue, 'held'])
  const { rows: [{ id: job }] } = await stage.harness.db.query('select id from supaqueue.job where queue = $1', [queue])
  const put = (kind: string, subject: string, reason: string) =>
    stage.harness.db.query(`select supaqueue_internal.put_aside($1, $2, '23503', $3, $4, $5)`, [
      kind,
      subject,
      reason,
      queue,
      kind === 'begin' ? job : null,
    ])
  await put('begin', String(job), 'mine.report has no row for it')
  await put('wake', queue, '<img src=x onerror=alert(1)>')

  const page = await stage.open('/health')
  await page.getByText('2 things could not be done').waitFor()
  const row = page.getByRole('row').filter({ hasText: 'mine.report has no row for it' })
  await row.getByRole('link', { name: `job ${job}` }).waitFor()
  await row.getByText('23503').waitFor()
  await page.getByRole('row').filter({ hasText: '<img src=x onerror=alert(1)>' }).waitFor()
  await expectAccessible(page)

  // Nobody waits to begin a job that is held: it is dealt with.
  await row.getByRole('button', { name: `Try again: begin ${job}` }).click()
  await row.waitFor({ state: 'detached' })
})
