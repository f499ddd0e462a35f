import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from './faults/support/scene.ts'
import { until } from './support/until.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene?.close())

test('ten thousand jobs of one insert all succeed, and never do more run than there are workers', async () => {
  const queue = await scene.queue({ edge_function_name: 'turnstile', workers: 10 })

  await scene.db.query('insert into supaqueue.job (queue) select $1 from generate_series(1, 10000)', [queue])
  const sql = `select from supaqueue.job where queue = $1 and status in ('pending', 'in_progress') limit 1`
  await until(async () => (await scene.db.query(sql, [queue])).rows.length === 0)

  const { rows } = await scene.db.query(
    'select status, attempts, count(*)::int from supaqueue.job where queue = $1 group by 1, 2',
    [queue],
  )
  expect(rows).toEqual([{ status: 'success', attempts: 1, count: 10_000 }])
  expect(scene.stack.edge.counts().turnstile).toBe(10_000)
  const most = await scene.db.query(
    `select max((result ->> 'inside')::int) as most from supaqueue.job where queue = $1`,
    [queue],
  )
  expect(most.rows).toEqual([{ most: 10 }])
})
