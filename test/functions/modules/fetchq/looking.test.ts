import { expect, test } from 'vitest'
import { doc, fetchqDatabase } from './documents.ts'

const fetchq = fetchqDatabase()
const { one, call, push, pick, queue } = fetchq

/** A queue with a planned, two pending, an active, a completed and a killed document; one was rejected before. */
async function everything(): Promise<string> {
  const name = await queue()
  for (const subject of ['completed', 'killed', 'rejected', 'active']) await push(name, subject, { priority: 1 })
  await pick(name, 4)
  await one('doc_complete', name, 'completed')
  await one('doc_kill', name, 'killed')
  await one('doc_reject', name, 'rejected', 'no', doc({}))
  await push(name, 'pending')
  await push(name, 'planned', { due: '1 hour' })
  return name
}

test('F29: queue_truncate deletes every document, whatever became of it, and leaves the queue', async () => {
  const [name, other] = [await everything(), await everything()]

  expect(await one('queue_truncate', name)).toEqual({ success: true })
  expect(await one('queue_truncate', other, true)).toEqual({ success: true })
  expect(await one('metric_get', name, 'cnt')).toMatchObject({ current_value: 0, does_exists: true })
  expect(await one('metric_get', other, 'cnt')).toMatchObject({ current_value: 0 })
  expect(await push(name, 'completed')).toBe(1)
  expect(await one('queue_truncate', 'nowhere')).toEqual({ success: false })
})

test('F29: queue_status lists the queues, and says of a paused one that it is not active', async () => {
  const [name, paused] = [await queue(), await queue()]
  const { queue_id: id } = await one('queue_create', name) as { queue_id: string }
  await fetchq.own.harness.db.query('select supaqueue.pause($1)', [paused])

  expect(await call('queue_status', name)).toEqual([{ id, name, is_active: true }])
  expect(await call('queue_status')).toContainEqual(expect.objectContaining({ name: paused, is_active: false }))
  expect(await call('queue_status', 'nowhere')).toEqual([])
})

test('F29: queue_top shows documents of one version, so many from so many on', async () => {
  const name = await everything()
  await push(name, 'of another version', { version: 1 })

  expect((await call('queue_top', name, 0, 100, 0)).map(({ subject }) => subject))
    .toEqual(['completed', 'killed', 'rejected', 'active', 'pending', 'planned'])
  expect((await call('queue_top', name, 0, 2, 1)).map(({ subject, iterations }) => [subject, iterations]))
    .toEqual([['killed', 1], ['rejected', 1]])
})

test('F26, F29: trace says with its number how a subject stands in each queue, and what was logged', async () => {
  const name = await everything()
  const infoOf = async (subject: string, ...order: string[]) =>
    (await call('trace', subject, ...order)).filter((row) => row.queue === name).map(({ type, info }) => [type, info])

  expect(await infoOf('killed')).toEqual([['document', 'status: -1; attempts: 0; iterations: 1']])
  expect(await infoOf('planned')).toEqual([['document', 'status: 0; attempts: 0; iterations: 0']])
  expect(await infoOf('pending')).toEqual([['document', 'status: 1; attempts: 0; iterations: 0']])
  expect(await infoOf('active')).toEqual([['document', 'status: 2; attempts: 1; iterations: 0']])
  expect(await infoOf('completed')).toEqual([['document', 'status: 3; attempts: 0; iterations: 1']])
  const rejected = [['document', 'status: 1; attempts: 1; iterations: 1'], ['error', 'no']]
  expect(await infoOf('rejected')).toEqual(rejected)
  expect(await infoOf('rejected', 'DESC')).toEqual(rejected.toReversed())
  expect(await call('trace', 'nobody')).toEqual([])
})

test('F29: a current version may be set, and documents of every version are picked all the same', async () => {
  const name = await queue()
  await push(name, 'one', { version: 1 })
  await push(name, 'two', { version: 2 })

  expect(await one('queue_set_current_version', name, 2)).toEqual({ affected_rows: 1, was_reindexed: true })
  expect(await one('queue_set_current_version', 'nowhere', 2)).toMatchObject({ affected_rows: 0 })
  expect(await pick(name, 1, 1, '5s')).toMatchObject([{ subject: 'one' }])
  expect(await pick(name, 2, 1, '5s')).toMatchObject([{ subject: 'two' }])
})
