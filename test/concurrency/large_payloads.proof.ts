import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from '../faults/support/scene.ts'
import { until } from '../support/until.ts'

// Turns are bounded by bytes: sixty payloads of a megabyte, twenty at a time, all come to their end through the Data
// API, whose statements end after 8 s.

let scene: Scene
beforeAll(async () => void (scene = await openScene()))
afterAll(() => scene?.close())

test('60 jobs of 1 MB for 20 workers all end in success, each called once', async () => {
  const queue = await scene.harness.queue({ workers: 20, edge_function_name: 'witness' })
  await scene.db.query(
    `insert into supaqueue.job (queue, payload)
     select $1, jsonb_build_object('n', n, 'text', repeat('megabyte', 130000)) from generate_series(1, 60) as n`,
    [queue],
  )

  const ended = async () => {
    const { rows } = await scene.db.query(
      `select count(*)::integer as jobs from supaqueue.job where queue = $1 and status in ('success', 'failed')`,
      [queue],
    )
    return rows[0].jobs === 60
  }
  await until(ended)

  const { rows } = await scene.db.query(
    `select status, attempts, deferrals, count(*)::integer as jobs from supaqueue.job where queue = $1 group by 1, 2, 3`,
    [queue],
  )
  expect(rows).toEqual([{ status: 'success', attempts: 1, deferrals: 0, jobs: 60 }])
})
