import { expect } from 'vitest'
import { randomUUID } from 'node:crypto'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('what the sources brought comes with queue and payload, in the order they were enqueued', async ({ harness }) => {
  const { depend, work } = pipeline(harness)
  const [name, run] = [`parts-${randomUUID()}`, randomUUID()]
  const [queue, other] = [await harness.queue({ workers: 1, name }), await harness.queue({ workers: 1 })]
  const first = await harness.job(queue, { payload: { part: 1 } })
  const second = await harness.job(other, { payload: { part: 2 } })
  const target = await harness.job(await harness.queue(), { status: 'held' })
  await depend(target, [second, first], 'run')
  const [entry] = await harness.take(run, queue)
  await harness.report(run, queue, [entry!.current_job.id], 'success', { result: { words: 3 } })
  await work(other, 'killed')

  const { rows } = await harness.db.query('select * from unnest(supaqueue.source_results($1))', [target])

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

test('a job that depends on nobody has none', async ({ harness }) => {
  const [job] = await harness.jobs(await harness.queue(), 1)

  expect((await harness.db.query('select * from unnest(supaqueue.source_results($1))', [job])).rows).toEqual([])
})
