import { expect, test } from 'vitest'
import { until } from '../../../support/until.ts'
import { doc, fetchqDatabase } from './documents.ts'

const fetchq = fetchqDatabase()
const { own, one, call, push, pick, queue, job } = fetchq

const numbersOf = async (name: string) =>
  Object.fromEntries((await call('metric_get', name)).map((row) => [row.metric, row.current_value]))

/** A queue with a planned, three pending, a completed and two killed documents; one was rejected, one not answered, one dropped. */
async function everything(): Promise<string> {
  const name = await queue()
  for (const subject of ['completed', 'killed', 'rejected', 'rescheduled', 'dropped', 'lost']) {
    await push(name, subject, { priority: 1 })
  }
  await pick(name, 6)
  await one('doc_complete', name, 'completed')
  await one('doc_kill', name, 'killed')
  await one('doc_reject', name, 'rejected', 'no', doc({}))
  await one('doc_reschedule', name, 'rescheduled', new Date(0))
  await one('doc_drop', name, 'dropped')
  await fetchq.expire(name)
  await own.harness.sweep()
  await push(name, 'planned', { due: '1 hour' })
  await push(name, 'killed too', { priority: 9 })
  await pick(name)
  await one('doc_kill', name, 'killed too')
  return name
}

test('F29: the metrics count documents by where they stand, and what happened to them', async () => {
  const name = await everything()
  const numbers = { cnt: 7, pnd: 3, pln: 1, act: 0, cpl: 1, kll: 2 }
  const happened = { pkd: 7, prc: 6, drp: 1, res: 1, rej: 1, orp: 1, err: 2 }

  expect(await one('metric_get_common', name)).toMatchObject({ ...numbers, ...happened })
  expect(await numbersOf(name)).toMatchObject({ ...numbers, ...happened })
  expect(await one('metric_get', name, 'pnd')).toEqual({
    current_value: 3,
    last_update: expect.any(Date),
    does_exists: true,
  })
  expect(await one('metric_get', name, 'nothing')).toEqual({ current_value: 0, last_update: null, does_exists: false })
  expect((await call('metric_get_all')).find((row) => row.queue === name)).toMatchObject({ ...numbers, ...happened })
  expect(await call('metric_get', 'nowhere')).toEqual([])
  const all = (await call('metric_get_all')).reduce((sum, row) => sum + Number(row.cnt), 0)
  expect(await one('metric_get_total', 'cnt')).toEqual({ current_value: all, does_exists: true })
  expect(await one('metric_get_total', 'nothing')).toEqual({ current_value: 0, does_exists: false })
  expect((await job(name, 'lost')).status).toBe('pending')
})

test('F29: ent counts documents as they enter, after the sweep', async () => {
  const name = await queue()
  for (const subject of ['one', 'two', 'three']) await push(name, subject)
  await push(name, 'three')

  await until(async () => {
    await own.harness.sweep()
    return (await numbersOf(name)).ent === 3
  })
})

test('F29: what happened stays counted when documents and logs are gone', async () => {
  const name = await everything()
  const { pkd, prc, drp, res, rej, orp, err } = await numbersOf(name)

  await one('queue_truncate', name, true)

  expect(await numbersOf(name)).toMatchObject({ cnt: 0, kll: 0, pkd, prc, drp, res, rej, orp, err })
})

test('F29: a document that is rejected for the last time counts as rejected and killed', async () => {
  const name = await queue(1)
  await push(name, 'only')
  await pick(name)
  await one('doc_reject', name, 'only', 'no', doc({}))

  expect(await numbersOf(name)).toMatchObject({ kll: 1, rej: 1, err: 1, orp: 0, prc: 1 })
})

test('F29: metric_snap writes the numbers down as they are: all, one, or those of a list', async () => {
  const name = await queue()
  await push(name, 'one')

  expect(await one('metric_snap', name)).toEqual({ success: true, inserts: 14 })
  await push(name, 'two')
  expect(await one('metric_snap', name, 'pnd')).toEqual({ success: true, inserts: 1 })
  expect(await one('metric_snap', name, doc(['pnd', 'cpl', 'nothing']))).toEqual({ success: true, inserts: 2 })
  expect(await one('metric_snap', 'nowhere')).toEqual({ success: false, inserts: 0 })
  await expect(one('metric_snap', name, doc({ pnd: true }))).rejects.toMatchObject({ code: 'SQ422' })

  const { rows } = await own.harness.db.query(
    `select value from supaqueue.fetchq_snapshot join supaqueue.queue on queue.id = fetchq_snapshot.queue
     where name = $1 and metric = 'pnd' order by fetchq_snapshot.id`,
    [name],
  )
  expect(rows.map(({ value }) => value)).toEqual([1, 2, 2])
})

test('F29: snapshots go with their queue', async () => {
  const name = await queue()
  const { queue_id: id } = await one('queue_create', name) as { queue_id: string }
  await one('metric_snap', name)

  await one('queue_drop', name)

  expect((await own.harness.db.query('select from supaqueue.fetchq_snapshot where queue = $1', [id])).rows).toEqual([])
})
