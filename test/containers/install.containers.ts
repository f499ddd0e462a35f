import { afterAll, beforeAll, expect, test } from 'vitest'
import { inventory } from '../support/inventory.ts'
import { type Hosted, startHosted } from '../support/management_api/hosted.ts'
import { until } from '../support/until.ts'

let project: Hosted
let before: string[]
beforeAll(async () => {
  project = await startHosted({ database: 'as it is', functions: ['hello'] })
  before = await inventory(project.adminUrl)
})
afterAll(() => project?.stop())

test('install ends with a job that made the round trip', async () => {
  const { code, text } = await project.run(['install', '--yes'])

  expect(text).toMatch(/Proof: a test job came back after \d+ ms/)
  expect(code).toBe(0)
})

test('doctor finds nothing wrong', async () => {
  const { code, text } = await project.run(['doctor'])

  expect(text).not.toContain('WRONG')
  expect(code).toBe(0)
})

test('a job walks through a function of the user and comes back with its answer', async () => {
  const { rows: [job] } = await project.db.query(`
    with queue as (insert into supaqueue.queue (edge_function_name) values ('hello') returning id),
    worker as (insert into supaqueue.worker (queue) select id from queue)
    insert into supaqueue.job (queue, payload) select id, '{"name": "walk"}' from queue returning id`)
  const done = await until(async () => {
    const { rows } = await project.db.query('select status, result from supaqueue.job where id = $1', [job.id])
    return ['success', 'failed'].includes(rows[0].status) && rows[0]
  })

  expect(done).toMatchObject({ status: 'success' })
})

test('remove leaves no trace', async () => {
  const { code } = await project.run(['remove', '--yes'])

  expect(code).toBe(0)
  expect(await inventory(project.adminUrl)).toEqual(before)
})
