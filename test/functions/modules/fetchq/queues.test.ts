import { describe, expect, test } from 'vitest'
import { harness } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { doc, fetchqDatabase } from './documents.ts'

const fetchq = fetchqDatabase()
const { one, call, push, pick, queue } = fetchq

const row = async (name: string) =>
  (await fetchq.own.harness.db.query('select * from supaqueue.queue where name = $1', [name])).rows[0]

describe('queues', () => {
  test('F2: queue_create says the id and true, a second one the same id and false', async () => {
    const first = await one('queue_create', 'foo')
    const second = await one('queue_create', 'foo')

    expect(first).toEqual({ was_created: true, queue_id: (await row('foo')).id })
    expect(second).toEqual({ ...first, was_created: false })
    expect(await row('foo')).toMatchObject({ mode: 'pull', dedupe_until: 'pruned' })
  })

  test('F2: of two that create it at once, one does, and both have its id', async () => {
    const other = harness(await fetchq.own.database.connect())
    await fetchq.own.harness.begin()
    const mine = await one('queue_create', 'at once')
    const waiting = other.db.query(`select * from fetchq.queue_create('at once')`)
    await expect.poll(() => fetchq.own.harness.isBlocked(other)).toBe(true)
    await fetchq.own.harness.commit()

    expect((await waiting).rows).toEqual([{ ...mine, was_created: false }])
  })

  test('F2: a queue that supaqueue calls is not taken over, and documents do not go there', async () => {
    await fetchq.own.harness.queue({ name: 'called' })

    expect(await refusal(one('queue_create', 'called'))).toMatchObject({ code: 'SQ409', hint: expect.any(String) })
    expect(await push('called', 'one')).toBe(0)
  })

  test('F3: queue_drop takes the queue with all its documents, active ones too', async () => {
    const name = await queue()
    await push(name, 'one')
    await push(name, 'two')
    await pick(name)
    const { id } = await row(name)

    expect(await one('queue_drop', name)).toEqual({ was_dropped: true, queue_id: id })
    expect(await row(name)).toBeUndefined()
    expect((await fetchq.own.harness.db.query('select from supaqueue.job where queue = $1', [id])).rowCount).toBe(0)
    expect(await one('queue_drop', name)).toEqual({ was_dropped: false, queue_id: null })
  })

  test('whoever ends a document of a queue that is being deleted waits for that, and holds nothing until then', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    const { id } = await row(name)
    const deleter = harness(await fetchq.own.database.connect())
    await deleter.begin()
    await deleter.hold('queue', id)
    const ended = one('doc_complete', name, 'one')
    await expect.poll(() => deleter.isBlocked(fetchq.own.harness)).toBe(true)

    await deleter.delete('queue', id)
    await deleter.commit()
    expect(await ended).toEqual({ affected_rows: 0 })
  })

  test('F4: there are 5 attempts at most unless the queue says otherwise', async () => {
    const name = await queue()
    const before = await row(name)

    expect(await one('queue_set_max_attempts', name, 2)).toEqual({ affected_rows: 1, was_reindexed: true })
    expect([before.max_attempts, (await row(name)).max_attempts]).toEqual([5, 2])
  })

  test('F29: the name of a queue has at most 40 characters', async () => {
    expect(await one('queue_create', 'x'.repeat(40))).toMatchObject({ was_created: true })
    expect(await refusal(one('queue_create', 'x'.repeat(41)))).toMatchObject({ code: 'SQ422' })
  })

  test('a queue that is not there is 0, nothing, or no', async () => {
    expect(await push('nowhere', 'one')).toBe(0)
    expect(await one('doc_append', 'nowhere', doc({}), 0, 0)).toEqual({ subject: null })
    expect(await one('doc_upsert', 'nowhere', 'one', 0, 0, new Date(), doc({}))).toEqual({
      queued_docs: 0,
      updated_docs: 0,
    })
    expect(await pick('nowhere')).toEqual([])
    expect(await one('queue_set_max_attempts', 'nowhere', 2)).toMatchObject({ affected_rows: 0 })
    expect((await call('mnt_run_all', 10)).map(({ queue }) => queue)).not.toContain('nowhere')
  })

  test('as many documents are active at once as the queue has workers', async () => {
    const name = await queue()
    for (const subject of 'abcde') await push(name, subject)
    await fetchq.own.harness.db.query('select supaqueue.set_concurrency($1, 3)', [name])

    expect(await pick(name, 5)).toHaveLength(3)
    await one('doc_complete', name, 'a')
    expect(await pick(name, 5)).toHaveLength(1)
  })
})
