import { expect, test } from 'vitest'
import { doc, fetchqDatabase } from './documents.ts'

const { own, one, push, pick, queue, job } = fetchqDatabase()

/** A document that was rejected as many hours ago as asked for, and once just now. */
async function rejected(name: string, hours: number): Promise<number> {
  await push(name, 'one')
  for (const message of ['long ago', 'now']) {
    await pick(name)
    await one('doc_reject', name, 'one', message, doc({}))
  }
  const { id } = await job(name, 'one')
  await own.harness.db.query(
    `update supaqueue.attempt set ended_at = ended_at - $2 * interval '1 hour' where job = $1 and error = 'long ago'`,
    [id, hours],
  )
  return id
}

const logsOf = async (id: number) => (await own.harness.attempts(id)).map(({ error }) => error)

test('F29: queue_set_logs_retention has maintenance delete the logs that are older, of that queue alone', async () => {
  const [name, other] = [await queue(), await queue()]
  const [short, long] = [await rejected(name, 25), await rejected(other, 25)]

  expect(await one('queue_set_logs_retention', name, '24h')).toEqual({ affected_rows: 1 })
  expect(await one('queue_set_logs_retention', other, '48h')).toEqual({ affected_rows: 1 })
  await one('mnt_run_all', 100)

  expect(await logsOf(short)).toEqual(['now'])
  expect(await logsOf(long)).toEqual(['long ago', 'now'])
})

test('F29: queue_drop_logs deletes them at once, what has become too old since, too', async () => {
  const name = await queue()
  const id = await rejected(name, 25)
  await one('queue_set_logs_retention', name, '24h')

  expect(await one('queue_drop_logs', name)).toEqual({ affected_rows: 1 })
  expect(await one('queue_drop_logs', name)).toEqual({ affected_rows: 0 })
  await own.harness.db.query(`update supaqueue.attempt set ended_at = ended_at - interval '2 days' where job = $1`, [
    id,
  ])
  expect(await one('queue_drop_logs', name)).toEqual({ affected_rows: 1 })
  expect(await logsOf(id)).toEqual([])
})

test('F29: a shorter retention reaches what a longer one had left', async () => {
  const name = await queue()
  const id = await rejected(name, 25)
  await one('queue_set_logs_retention', name, '20h')
  await own.harness.db.query(`update supaqueue.attempt set ended_at = now() - interval '10 hours' where job = $1`, [id])
  await one('queue_drop_logs', name)

  await one('queue_set_logs_retention', name, '1h')

  expect(await one('queue_drop_logs', name)).toEqual({ affected_rows: 2 })
})

test('F29: without a retention logs stay as long as their document; what is not an interval is refused', async () => {
  const name = await queue()
  const id = await rejected(name, 100_000)
  await one('queue_set_logs_retention', name, '24h')
  await one('queue_set_logs_retention', name, null)

  await expect(one('queue_set_logs_retention', name, 'soon')).rejects.toMatchObject({ code: 'SQ422' })
  expect(await one('queue_set_logs_retention', 'nowhere', '24h')).toEqual({ affected_rows: 0 })
  await one('mnt_run_all', 100)
  expect(await logsOf(id)).toEqual(['long ago', 'now'])
})
