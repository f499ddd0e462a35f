import { expect } from 'vitest'
import { randomUUID } from 'node:crypto'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('what the sources brought comes with queue and payload, in the order they were enqueued', async ({ house }) => {
  const { depend, work } = pipeline(house)
  const [name, run] = [`parts-${randomUUID()}`, randomUUID()]
  const [queue, other] = [await house.queue({ workers: 1, name }), await house.queue({ workers: 1 })]
  const first = await house.job(queue, { payload: { part: 1 } })
  const second = await house.job(other, { payload: { part: 2 } })
  const target = await house.job(await house.queue(), { status: 'held' })
  await depend(target, [second, first], 'run')
  const [entry] = await house.take(run, queue)
  await house.report(run, queue, [entry!.current_job.id], 'success', { result: { words: 3 } })
  await work(other, 'killed')

  const { rows } = await house.db.query('select * from unnest(supaqueue.source_results($1))', [target])

  expect(rows).toEqual([
    {
      source: first,
      queue: name,
      batch_index: null,
      status: 'success',
      payload: { part: 1 },
      result: { words: 3 },
      error: null,
    },
    expect.objectContaining({ source: second, status: 'failed', payload: { part: 2 }, result: null, error: 'killed' }),
  ])
})

test('a job that depends on nobody has none', async ({ house }) => {
  const [job] = await house.jobs(await house.queue(), 1)

  expect((await house.db.query('select * from unnest(supaqueue.source_results($1))', [job])).rows).toEqual([])
})
