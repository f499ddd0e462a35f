import { expect, test } from 'vitest'
import { failedJob, fingerprintOf, statuses } from '../support/failures.ts'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says so when no job has failed', async () => {
  const page = await stage.open('/failures')

  await page.getByText('No job has failed').waitFor()

  await expectAccessible(page)
})

test('groups failed jobs by what they failed of, with counts, a trend and an example', async () => {
  const queue = await stage.harness.queue({ name: 'grouped' })
  const alike: number[] = []
  for (let n = 0; n < 3; n++) alike.push(await failedJob(stage.harness, queue, 'no user'))
  await stage.harness.db.query(`update supaqueue.job set finished_at = now() - interval '5 hours' where id = $1`, [
    alike[0],
  ])
  const other = await failedJob(stage.harness, queue, 'no paper')

  const page = await stage.open('/failures')

  const row = page.getByRole('row', { name: fingerprintOf('no user') })
  await row.getByRole('cell', { name: '3', exact: true }).waitFor()
  await row.getByRole('img', { name: /: 3 in the last 24 hours, 2 in the last$/ }).waitFor()
  await expectAccessible(page)
  await page.getByRole('link', { name: `job ${other}` }).click()
  await page.getByRole('heading', { name: `Job ${other}` }).waitFor()
})

test('retries all jobs of a group, so many a second, and no others', async () => {
  const queue = await stage.harness.queue({ name: 'group' })
  const alike = [await failedJob(stage.harness, queue, 'no user'), await failedJob(stage.harness, queue, 'no user')]
  const other = await failedJob(stage.harness, queue, 'no paper')
  const page = await stage.open('/failures')
  const row = page.getByRole('row', { name: fingerprintOf('no user') }).filter({ hasText: 'group' })
    .filter({ hasNotText: 'grouped' })

  await row.getByRole('button', { name: 'Retry all' }).click()
  await page.getByRole('dialog', { name: 'Retry 2 jobs of group?' }).getByLabel(/^Jobs a second/).fill('0.1')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Retry 2' }).click()

  await page.getByText('2 jobs put back.').waitFor()
  await row.waitFor({ state: 'detached' })
  expect(await statuses(stage.harness, queue)).toEqual({
    [alike[0]!]: 'pending',
    [alike[1]!]: 'pending',
    [other]: 'failed',
  })
  const { rows: [{ apart }] } = await stage.harness.db.query(
    `select extract(epoch from max(run_at) - min(run_at))::float8 as apart from supaqueue.job where id = any ($1)`,
    [alike],
  )
  expect(apart).toBe(10)
})

test('asks about as many jobs as there are by now, not when the button was pressed', async () => {
  const queue = await stage.harness.queue({ name: 'growing' })
  await failedJob(stage.harness, queue, 'no salt')
  const page = await stage.open('/failures')
  await page.getByRole('row', { name: fingerprintOf('no salt') }).getByRole('button', { name: 'Retry all' }).click()
  await page.getByRole('dialog', { name: 'Retry 1 job of growing?' }).getByLabel(/^Jobs a second/).fill('0.5')

  await failedJob(stage.harness, queue, 'no salt')

  const dialog = page.getByRole('dialog', { name: 'Retry 2 jobs of growing?' })
  await dialog.getByRole('button', { name: 'Retry 2' }).waitFor()
  expect(await dialog.getByLabel(/^Jobs a second/).inputValue()).toBe('0.5')
})

test('tries a few first, follows how they fare, and then retries the rest', async () => {
  const queue = await stage.harness.queue({ name: 'canary' })
  const jobs: number[] = []
  for (let n = 0; n < 4; n++) jobs.push(await failedJob(stage.harness, queue, 'no ink'))
  const page = await stage.open('/failures')

  await page.getByRole('row', { name: fingerprintOf('no ink') }).getByRole('button', { name: 'Try a few' }).click()
  await page.getByLabel('How many of 4').fill('2')
  await page.getByRole('button', { name: 'Try', exact: true }).click()

  await page.getByText('0 of 2 jobs ended').waitFor()
  await page.getByText('Wait.').waitFor()
  await expectAccessible(page)
  // Those that were tried are no failures any more.
  await page.getByText('How many of').waitFor({ state: 'detached' })
  const tried = Object.entries(await statuses(stage.harness, queue)).filter(([, status]) => status === 'pending')
    .map(([id]) => Number(id))
  expect(tried).toHaveLength(2)

  await stage.harness.db.query(`update supaqueue.job set status = 'success' where id = any ($1)`, [tried])
  await page.getByText('Go.').waitFor()
  await page.getByRole('button', { name: 'Retry the rest' }).click()
  await page.getByRole('button', { name: 'Retry 2' }).click()
  await page.getByText('2 jobs put back.').waitFor()
  expect(Object.values(await statuses(stage.harness, queue)).sort()).toEqual([
    'pending',
    'pending',
    'success',
    'success',
  ])
})

test('says stop when one that was tried failed again', async () => {
  const queue = await stage.harness.queue({ name: 'again' })
  const job = await failedJob(stage.harness, queue, 'no glue')
  const { rows: [{ done }] } = await stage.harness.db.query(`select supaqueue.retry_where('again') as done`)
  await stage.harness.update('job', job, { status: 'failed', error: 'no glue 5' })

  const page = await stage.open(`/failures?action=${done.action}`)

  await page.getByText('Stop.').waitFor()
})

test('discards a group after it said how many, and undoes it', async () => {
  const queue = await stage.harness.queue({ name: 'hopeless' })
  const jobs = [await failedJob(stage.harness, queue, 'no hope'), await failedJob(stage.harness, queue, 'no hope')]
  const page = await stage.open('/failures')
  const row = page.getByRole('row', { name: fingerprintOf('no hope') })

  await row.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('dialog', { name: 'Discard 2 jobs of hopeless?' }).getByRole('button', { name: 'Discard 2' })
    .click()
  await page.getByText('2 jobs discarded.').waitFor()
  await row.waitFor({ state: 'detached' })
  expect(Object.values(await statuses(stage.harness, queue))).toEqual(['cancelled', 'cancelled'])

  await page.getByRole('button', { name: 'Undo (2)' }).click()
  await expectAccessible(page)
  await page.getByRole('dialog', { name: 'Undo it for 2 jobs?' }).getByRole('button', { name: 'Undo' }).click()
  await page.getByText('2 jobs failed again, as before.').waitFor()
  await row.waitFor()
  expect(await statuses(stage.harness, queue)).toEqual({ [jobs[0]!]: 'failed', [jobs[1]!]: 'failed' })
})

test('retries all that a filter fits, of several causes and queues, and no others', async () => {
  const [one, two] = [await stage.harness.queue({ name: 'left' }), await stage.harness.queue({ name: 'right' })]
  const jobs = [
    await failedJob(stage.harness, one, 'no stamp', { payload: { order: { amount: 120 } } }),
    await failedJob(stage.harness, two, 'no seal', { payload: { order: { amount: 130 } } }),
  ]
  const other = await failedJob(stage.harness, two, 'no seal', { payload: { order: { amount: 80 } } })
  const page = await stage.open('/failures')

  await page.getByLabel('Payload has').fill('order.amount>100')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('2 failed jobs match, with 2 causes').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Retry all matches' }).click()
  await page.getByRole('dialog', { name: 'Retry 2 jobs of all queues?' }).getByRole('button', { name: 'Retry 2' })
    .click()

  await page.getByText('2 jobs put back.').waitFor()
  await page.getByText('No failed job matches').waitFor()
  expect(await statuses(stage.harness, one)).toEqual({ [jobs[0]!]: 'pending' })
  expect(await statuses(stage.harness, two)).toEqual({ [jobs[1]!]: 'pending', [other]: 'failed' })
})

test.each([
  ['Error contains', 'NO SAND', 'no sand'],
  ['Queue', 'sandy', 'no sand'],
])('shows what fits a filter: %s', async (label, value, words) => {
  const name = `sandy${value === 'sandy' ? '' : ` ${value}`}`
  await failedJob(stage.harness, await stage.harness.queue({ name }), words)
  const page = await stage.open('/failures')
  const field = page.getByRole('form', { name: 'Filter' }).getByLabel(label)

  await (label === 'Queue' ? field.selectOption(value) : field.fill(value))
  await page.getByRole('button', { name: 'Show' }).click()

  await page.getByText(/ match(es)?, with 1 cause$/).waitFor()
  await page.getByRole('row', { name: fingerprintOf(words) }).first().waitFor()
})

test('explains a filter that it does not understand', async () => {
  await failedJob(stage.harness, await stage.harness.queue({ name: 'odd' }), 'no odds')
  const page = await stage.open('/failures?where=%24.a+%3E')

  await page.getByRole('alert').first().waitFor()
})

test('sorts by any column, in both directions, and then as it came', async () => {
  const queue = await stage.harness.queue({ name: 'sorted' })
  for (const [error, jobs] of [['one', 1], ['three', 3], ['two', 2]] as const) {
    for (let i = 0; i < jobs; i++) await failedJob(stage.harness, queue, `sort of ${error}`)
  }
  const page = await stage.open('/failures?queue=sorted')
  const order = async (...errors: string[]) => {
    const rows = page.getByRole('rowheader')
    await rows.nth(0).getByText(`sort of ${errors[0]}`).waitFor()
    expect((await rows.allTextContents()).map((text) => /sort of (\w+)/.exec(text)?.[1])).toEqual(errors)
  }
  await order('three', 'two', 'one')

  await page.getByRole('link', { name: 'Cause' }).click()
  await order('one', 'three', 'two')
  await page.getByRole('link', { name: 'Cause' }).click()
  await order('two', 'three', 'one')
  await page.getByRole('link', { name: 'Cause' }).click()
  await order('three', 'two', 'one')
  await expectAccessible(page)
})

test('acts on ids of many digits to the letter, and on no neighbor', async () => {
  const queue = await stage.harness.queue({ name: 'digits' })
  const jobs = []
  for (const id of ['12345678901234567890', '12345678901234567891', '12345678901234567000']) {
    const job = await failedJob(stage.harness, queue, 'of digits')
    await stage.harness.db.query('update supaqueue.job set payload = $2::jsonb where id = $1', [job, `{"id": ${id}}`])
    jobs.push(job)
  }
  const page = await stage.open('/failures?queue=digits')
  await page.getByLabel('Payload has').fill('id=12345678901234567890')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('1 failed job matches').waitFor()
  await page.getByRole('button', { name: 'Discard all matches' }).click()
  await page.getByRole('dialog').getByText('12345678901234567890').first().waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard 1' }).click()

  await page.getByText('payload has {"id": 12345678901234567890}').first().waitFor()
  const { rows } = await stage.harness.db.query('select id, status from supaqueue.job where queue = $1 order by id', [
    queue,
  ])
  expect(rows.map(({ id, status }) => [Number(id), status])).toEqual([
    [jobs[0], 'cancelled'],
    [jobs[1], 'failed'],
    [jobs[2], 'failed'],
  ])
})
