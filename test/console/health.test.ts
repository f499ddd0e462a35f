import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says which links of the chain are whole, which are broken, and what mends them', async () => {
  const queue = await stage.house.queue({ name: 'lonely' })
  await stage.house.openCircuit(queue)

  const page = await stage.open('/health')

  await page.getByRole('listitem').filter({ hasText: 'schema' }).filter({ hasText: 'is well' }).waitFor()
  const broken = page.getByRole('listitem').filter({ hasText: 'is broken' }).filter({ hasText: 'targets' })
  await broken.getByText(/lonely: turned calls away/).waitFor()
  await broken.getByText(/update supaqueue.circuit/).waitFor()
  await page.getByText(/^\d things? to mend\.$/).or(page.getByText(/\d things? to mend\./)).first().waitFor()
  await expectAccessible(page)
})

test('does not change what it looks at', async () => {
  const count = async () =>
    (await stage.house.db.query('select count(*) from net.http_request_queue')).rows[0].count +
    (await stage.house.db.query('select count(*) from supaqueue.job')).rows[0].count
  const before = await count()

  const page = await stage.open('/health')
  await page.getByRole('listitem').first().waitFor()

  expect(await count()).toBe(before)
})
