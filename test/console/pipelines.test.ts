import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says what to do while there is neither pipeline nor batch', async () => {
  const page = await stage.open('/pipelines')

  await page.getByText('No job depends on another').waitFor()
  await page.getByText('No batch yet').waitFor()

  await expectAccessible(page)
})

test('shows how far a pipeline is, its graph, and leads to its jobs', async () => {
  const queue = await stage.harness.queue({ name: 'merge' })
  const [first, left, right, last] = await stage.harness.jobs(queue, 4)
  const depend = (target: number, sources: number[]) =>
    stage.harness.db.query('select supaqueue.depend($1, $2::bigint[])', [target, sources])
  await depend(left!, [first!])
  await depend(right!, [first!])
  await depend(last!, [left!, right!])
  await stage.harness.db.query(`update supaqueue.job set status = 'success' where id = $1`, [first])
  await stage.harness.db.query(`update supaqueue.job set status = 'success' where id = $1`, [left])

  const page = await stage.open('/pipelines')
  await page.getByRole('row', { name: String(last) }).getByText('1 of 2').waitFor()
  await expectAccessible(page)

  await page.getByRole('link', { name: `Graph of ${last}` }).click()
  await page.getByText('2 of 4 jobs ended').waitFor()
  await page.getByRole('img', { name: /^4 jobs and 4 dependencies/ }).waitFor()
  await expectAccessible(page)
  await page.getByRole('link', { name: String(right), exact: true }).click()
  await page.getByRole('heading', { name: `Job ${right}` }).waitFor()
  await page.getByRole('link', { name: 'All related jobs' }).click()
  await page.getByRole('heading', { name: `Pipeline of job ${right}` }).waitFor()
})

test('shows how far a batch is, and leads to its jobs', async () => {
  await stage.harness.queue({ name: 'batched' })
  const { rows: [{ batch }] } = await stage.harness.db.query(
    `insert into supaqueue.batch (queue, label) select id, 'night import' from supaqueue.queue where name = 'batched' returning id as batch`,
  )
  await stage.harness.db.query(
    `insert into supaqueue.job (queue, batch, status)
     select id, $1, status::supaqueue.job_status from supaqueue.queue,
       unnest('{success,success,failed,pending}'::text[]) as status
     where name = 'batched'`,
    [batch],
  )

  const page = await stage.open('/pipelines')
  await page.getByRole('row', { name: 'night import' }).getByText('3 of 4 jobs').waitFor()

  await page.getByRole('link', { name: 'night import' }).click()
  await page.getByRole('rowheader').first().waitFor()
  expect(await page.getByRole('rowheader').count()).toBe(4)
})

test('says so when there is no such job', async () => {
  const page = await stage.open('/pipelines/999999999')

  await page.getByText('there is no job 999999999').waitFor()
})
