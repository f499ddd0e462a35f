import { expect, test } from 'vitest'
import { until } from '../../../support/until.ts'
import { doc, fetchqDatabase } from './documents.ts'

const { own, one, push, pick, queue } = fetchqDatabase()

/** What is heard of a queue: where and which subject. */
async function listen(name: string): Promise<string[]> {
  const db = await own.database.connect()
  const heard: string[] = []
  db.on('notification', ({ channel, payload }) => heard.push(`${channel.replace(`fetchq__${name}__`, '')} ${payload}`))
  for (const place of ['pnd', 'pln', 'act', 'cpl', 'kll']) await db.query(`listen "fetchq__${name}__${place}"`)
  return heard
}

const triggers = async (): Promise<number> =>
  (await own.harness.db.query(`select from pg_trigger where tgname ~ '^fetchq_notify_'`)).rows.length

test('F29: queue_enable_notify tells on its channels of every document that comes or stands elsewhere', async () => {
  const name = await queue()
  const heard = await listen(name)
  expect(await one('queue_enable_notify', name)).toEqual({ success: true })

  await push(name, 'good')
  await own.harness.db.query(`update supaqueue.job set status = status, priority = 1 where dedupe_key = 'good'`)
  await push(name, 'later', { due: '1 hour' })
  await pick(name)
  await one('doc_complete', name, 'good')
  await push(name, 'bad')
  await pick(name)
  await one('doc_reject', name, 'bad', 'no', doc({}))
  await pick(name)
  await one('doc_kill', name, 'bad')

  await until(() => Promise.resolve(heard.includes('kll bad')))
  expect(heard).toEqual([
    'pnd good',
    'pln later',
    'act good',
    'cpl good',
    'pnd bad',
    'act bad',
    'pnd bad',
    'act bad',
    'kll bad',
  ])
})

test('F29: queues that do not notify are silent, and cost no trigger', async () => {
  const [name, other] = [await queue(), await queue()]
  const before = await triggers()
  const [heard, unheard] = [await listen(name), await listen(other)]
  await one('queue_enable_notify', name)
  await one('queue_enable_notify', name)
  expect(await triggers()).toBe(before + 1)

  await push(other, 'one')
  await push(name, 'one')
  expect(await one('queue_disable_notify', name)).toEqual({ success: true })
  await push(name, 'two')
  await one('queue_enable_notify', name)
  await push(name, 'three')

  await until(() => Promise.resolve(heard.includes('pnd three')))
  expect(heard).toEqual(['pnd one', 'pnd three'])
  expect(unheard).toEqual([])
  await one('queue_drop', name)
  expect(await triggers()).toBe(before)
})

test('F29: a queue that is not there cannot notify, and one whose name does not fit into a channel is refused', async () => {
  expect(await one('queue_enable_notify', 'nowhere')).toEqual({ success: false })
  expect(await one('queue_disable_notify', 'nowhere')).toEqual({ success: false })

  const name = 'ä'.repeat(30)
  await one('queue_create', name)
  await expect(one('queue_enable_notify', name)).rejects.toMatchObject({ code: 'SQ422' })
  await push(name, 'one')
})
