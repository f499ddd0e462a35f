import { describe, expect, test } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { doc, fetchqDatabase } from './documents.ts'

const fetchq = fetchqDatabase()
const { one, call, push, pick, queue, job } = fetchq

describe('adding', () => {
  test('F5: an append gives a subject of its own; the same document may be added many times, and comes first in, first out', async () => {
    const name = await queue()
    const subjects = []
    for (let n = 0; n < 3; n++) subjects.push((await one('doc_append', name, doc({ same: true }), 0, 0))?.subject)

    expect(new Set(subjects).size).toBe(3)
    expect((await pick(name, 0, 10, '5s')).map(({ subject, payload }) => [subject, payload]))
      .toEqual(subjects.map((subject) => [subject, { same: true }]))
  })

  test('F6: a push says how many documents were queued, and the document is the payload', async () => {
    const name = await queue()

    expect(await push(name, 'one', { version: 2, priority: 7, payload: { foo: 123 } })).toBe(1)
    expect(await job(name, 'one')).toMatchObject({ payload: { foo: 123 }, version: 2, priority: 7, status: 'pending' })
  })

  test('F7: a second push of the same subject does nothing, quietly, and returns 0', async () => {
    const [name, other] = [await queue(), await queue()]
    await push(name, 'one', { payload: { n: 1 } })

    expect(await push(name, 'one', { payload: { n: 2 } })).toBe(0)
    expect((await job(name, 'one')).payload).toEqual({ n: 1 })
    expect(await push(other, 'one')).toBe(1)
  })

  test('F8: a document is never picked before nextIteration; a time far in the past is now', async () => {
    const name = await queue()
    await push(name, 'later', { due: '1 hour' })
    await one('doc_push', name, 'past', 0, 0, new Date(0), doc({}))
    await fetchq.own.harness.db.query(`select fetchq.doc_push($1, 'ever', 0, 0, '-infinity', '{}')`, [name])

    expect((await pick(name, 0, 10, '5s')).map(({ subject }) => subject)).toEqual(['ever', 'past'])
  })

  test('F9, F11: a pick takes one version, and leaves the others', async () => {
    const name = await queue()
    await push(name, 'old', { version: 1, priority: 9 })
    await push(name, 'new', { version: 2 })

    expect((await pick(name, 2, 10, '5s')).map(({ subject, version }) => [subject, version])).toEqual([['new', 2]])
    expect((await pick(name, 1, 10, '5s')).map(({ subject }) => subject)).toEqual(['old'])
  })

  test('F10: among due documents the higher priority is first, whatever their times', async () => {
    const name = await queue()
    await push(name, 'older', { due: '-2 hours' })
    await push(name, 'higher', { priority: 1, due: '-1 minute' })
    await push(name, 'planned', { priority: 9, due: '1 hour' })

    expect((await pick(name, 0, 10, '5s')).map(({ subject }) => subject)).toEqual(['higher', 'older'])
  })

  test('F29: an upsert adds, then writes over priority, time and document, and leaves an active one alone', async () => {
    const name = await queue()
    const upsert = (priority: number, payload: unknown) =>
      one('doc_upsert', name, 'one', 3, priority, new Date(Date.now() - 1000), doc(payload))

    expect(await upsert(0, { n: 1 })).toEqual({ queued_docs: 1, updated_docs: 0 })
    expect(await upsert(5, { n: 2 })).toEqual({ queued_docs: 0, updated_docs: 1 })
    expect(await job(name, 'one')).toMatchObject({ payload: { n: 2 }, priority: 5, version: 3 })
    await pick(name, 3, 1, '5s')
    expect(await upsert(6, { n: 3 })).toEqual({ queued_docs: 0, updated_docs: 0 })
    expect(await job(name, 'one')).toMatchObject({ payload: { n: 2 } })
  })

  test('F29: the short forms of push and append are version 0, priority 0, now', async () => {
    const name = await queue()
    await one('doc_push', name, 'a')
    await one('doc_push', name, 'b', doc({ b: 1 }))
    await one('doc_push', name, 'c', doc({ c: 1 }), new Date(Date.now() + 3_600_000))
    const { subject } = await one('doc_append', name, doc({ d: 1 })) as { subject: string }

    expect(
      (await pick(name, 10)).map(({ subject, payload, version, priority }) => [subject, payload, version, priority]),
    )
      .toEqual([['a', {}, 0, 0], ['b', { b: 1 }, 0, 0], [subject, { d: 1 }, 0, 0]])
  })

  test('F29: a subject has at most 50 characters', async () => {
    const name = await queue()

    expect(await push(name, 'x'.repeat(50))).toBe(1)
    expect(await refusal(push(name, 'x'.repeat(51)))).toMatchObject({ code: 'SQ422', hint: expect.any(String) })
  })

  test('an apostrophe in name, subject or document is only a letter', async () => {
    const name = `it's "${(await queue()).slice(2)}" %s`
    await one('queue_create', name)

    expect(await push(name, `o'clock`, { payload: { text: `'); drop table x; --` } as object })).toBe(1)
    expect((await pick(name)).map(({ subject, payload }) => [subject, payload]))
      .toEqual([[`o'clock`, { text: `'); drop table x; --` }]])
    expect(await one('doc_complete', name, `o'clock`)).toEqual({ affected_rows: 1 })
  })
})

describe('taking', () => {
  test('F11, F22: a picked document is active, its attempt counted, and locked for as long as was asked', async () => {
    const name = await queue()
    await push(name, 'one', { payload: { a: 1 } })
    const before = Date.now()
    const [picked] = await pick(name, 0, 1, '1 minute')
    const after = Date.now()

    expect(picked).toMatchObject({
      subject: 'one',
      payload: { a: 1 },
      attempts: 1,
      iterations: 0,
      last_iteration: null,
    })
    expect(picked!.next_iteration.getTime() - before).toBeGreaterThan(59_000)
    expect(picked!.next_iteration.getTime() - after).toBeLessThan(61_000)
    expect((await job(name, 'one')).status).toBe('in_progress')
    expect(await pick(name)).toEqual([])
  })

  test('F11: no more are picked than the limit, and none for 0', async () => {
    const name = await queue()
    for (const subject of 'abcde') await push(name, subject)

    expect(await pick(name, 0, 0, '5s')).toEqual([])
    expect(await pick(name, 0, 2, '5s')).toHaveLength(2)
    expect(await pick(name, 2)).toHaveLength(2)
    expect(await pick(name, '5s')).toHaveLength(1)
  })

  test('F29: without a duration the lock is 5 minutes', async () => {
    const name = await queue()
    await push(name, 'one')
    const [picked] = await pick(name)

    expect(Math.round((picked!.next_iteration.getTime() - Date.now()) / 60_000)).toBe(5)
  })

  test('F12: picking does not look at the thousands of documents that are done', async () => {
    const name = await queue()
    const explain = () => fetchq.own.harness.pagesRead('select * from fetchq.doc_pick($1)', [name])
    await push(name, 'first')
    await explain()
    await push(name, 'second')
    const few = await explain()
    await fetchq.own.harness.db.query(
      `insert into supaqueue.job (queue, dedupe_key, version, status)
       select id, n::text, 0, 'success' from supaqueue.queue, generate_series(1, 20000) as n where name = $1`,
      [name],
    )
    // As autovacuum would: until the planner knows the table, it guesses.
    await (await fetchq.own.database.connect('admin')).query('analyze supaqueue.job')
    await push(name, 'third')
    await explain()
    await push(name, 'fourth')

    expect(await explain()).toBeLessThan(few + 200)
  })
})

describe('answering', () => {
  const answers: [string, ...unknown[]][] = [
    ['doc_drop'],
    ['doc_complete'],
    ['doc_complete', doc({ new: true })],
    ['doc_reschedule', new Date(0)],
    ['doc_reschedule', new Date(0), doc({ new: true })],
    ['doc_kill'],
    ['doc_kill', doc({ new: true })],
    ['doc_reject', 'no', doc({})],
    ['doc_reject', 'no', doc({}), 'ref'],
  ]

  test.for(answers)(
    'F18: %s says 1 for an active document, 0 for one that is not, or in no queue',
    async ([name, ...more]) => {
      const place = await queue()
      await push(place, 'one')

      expect(await one(name, place, 'one', ...more)).toEqual({ affected_rows: 0 })
      await pick(place)
      expect(await one(name, place, 'one', ...more)).toEqual({ affected_rows: 1 })
      expect(await one(name, place, 'one', ...more)).toEqual({ affected_rows: 0 })
      expect(await one(name, 'nowhere', 'one', ...more)).toEqual({ affected_rows: 0 })
    },
  )

  test('F13: a dropped document is gone, and its subject free', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await one('doc_drop', name, 'one')

    expect(await job(name, 'one')).toBeUndefined()
    expect(await push(name, 'one')).toBe(1)
  })

  test('F14, F28: a completed document is not picked again, and keeps its subject taken', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await one('doc_complete', name, 'one', doc({ done: true }))

    expect(await job(name, 'one')).toMatchObject({ status: 'success', payload: { done: true } })
    expect(await pick(name)).toEqual([])
    expect(await push(name, 'one')).toBe(0)
    await fetchq.own.harness.db.query(
      `update supaqueue.job set finished_at = now() - interval '90 days' where dedupe_key = 'one'`,
    )
    await fetchq.own.harness.db.query('select supaqueue.prune()')
    expect(await push(name, 'one')).toBe(0)
  })

  test('F15: a rescheduled document comes again, not before its time', async () => {
    const name = await queue()
    await push(name, 'soon')
    await push(name, 'later')
    await pick(name, 2)
    await one('doc_reschedule', name, 'soon', new Date(0), doc({ again: 1 }))
    await one('doc_reschedule', name, 'later', new Date(Date.now() + 3_600_000))

    expect((await pick(name, 2)).map(({ subject, payload }) => [subject, payload])).toEqual([['soon', { again: 1 }]])
    expect((await job(name, 'later')).run_at.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
  })

  test('F16: a killed document is never picked again, and keeps its subject taken', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await one('doc_kill', name, 'one', doc({ bad: true }))

    expect(await job(name, 'one')).toMatchObject({ status: 'failed', payload: { bad: true } })
    expect(await pick(name)).toEqual([])
    expect(await push(name, 'one')).toBe(0)
  })

  test('F17: a rejected document is logged with message, details and reference, and tried again', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await one('doc_reject', name, 'one', 'it broke', doc({ line: 7 }), 'ref-1')
    const { id } = await job(name, 'one')
    const [attempt] = await fetchq.own.harness.attempts(id)

    expect(attempt).toMatchObject({ outcome: 'failed', error: 'it broke' })
    expect(JSON.parse(attempt.head)).toEqual({ details: { line: 7 }, ref_id: 'ref-1' })
    expect(await pick(name)).toMatchObject([{ subject: 'one', attempts: 2 }])
  })

  test('F4, F24, F27: with 2 attempts at most there are two picks, then it is killed', async () => {
    const name = await queue(2)
    await push(name, 'one')
    for (let n = 1; n <= 2; n++) {
      expect(await pick(name)).toMatchObject([{ attempts: n }])
      await one('doc_reject', name, 'one', 'no', doc({}))
    }

    expect(await pick(name)).toEqual([])
    expect((await job(name, 'one')).status).toBe('failed')
  })

  test('F27: attempts go up at a pick and back to 0 on reschedule, complete and kill; iterations go up with each answer', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await one('doc_reject', name, 'one', 'no', doc({}))
    const [second] = await pick(name)
    await one('doc_reschedule', name, 'one', new Date(0))
    const rescheduled = await job(name, 'one')
    const [third] = await pick(name)
    await one('doc_complete', name, 'one')

    expect(second).toMatchObject({ attempts: 2, iterations: 1 })
    expect(rescheduled.attempts).toBe(0)
    expect(third).toMatchObject({ attempts: 1, iterations: 2, last_iteration: expect.any(Date) })
    expect(await job(name, 'one')).toMatchObject({ attempts: 0, state: { iterations: 3 } })
    await push(name, 'other')
    await pick(name)
    await one('doc_kill', name, 'other')
    expect(await job(name, 'other')).toMatchObject({ attempts: 0, state: { iterations: 1 } })
  })
})

describe('maintenance', () => {
  const mnt = async (name: string, limit = 100) => (await call('mnt_run_all', limit)).find((row) => row.queue === name)

  test('F19: it says per queue what it did, and at most so many documents each', async () => {
    const [name, other] = [await queue(), await queue(1)]
    for (const subject of 'abc') {
      await push(name, subject)
      await push(other, subject)
    }
    await pick(name, 3)
    await pick(other, 3)
    await fetchq.expire(name)
    await fetchq.expire(other)

    expect(await mnt(name, 2)).toEqual({ queue: name, activated_count: 0, rescheduled_count: 2, killed_count: 0 })
    expect(
      (await fetchq.own.harness.db.query(
        `select status from supaqueue.job join supaqueue.queue on queue.id = job.queue
      where name = $1 order by status`,
        [other],
      )).rows.map(({ status }) => status),
    ).toEqual(['in_progress', 'failed', 'failed'])
    expect(await mnt(other)).toEqual({ queue: other, activated_count: 0, rescheduled_count: 0, killed_count: 1 })
    expect(await mnt(name)).toMatchObject({ rescheduled_count: 0 })
  })

  test('F20: a planned document is picked from its time on, with no maintenance between', async () => {
    const name = await queue()
    await push(name, 'one', { due: '1 hour' })

    expect(await pick(name)).toEqual([])
    await fetchq.own.harness.db.query(
      `update supaqueue.job set run_at = clock_timestamp() from supaqueue.queue where queue.id = job.queue and name = $1`,
      [name],
    )
    expect(await pick(name)).toHaveLength(1)
  })

  test('F22, F23: a document that was not answered in time is pending again, and keeps its attempt', async () => {
    const name = await queue()
    await fetchq.own.harness.db.query('select supaqueue.set_concurrency($1, 1)', [name])
    await push(name, 'one')
    await pick(name)
    await fetchq.expire(name)

    expect(await pick(name)).toEqual([])
    expect(await mnt(name)).toMatchObject({ rescheduled_count: 1, killed_count: 0 })
    expect(await pick(name)).toMatchObject([{ subject: 'one', attempts: 2 }])
  })

  test('F21: the sweep alone does the same, and leaves documents alone whose time is not over', async () => {
    const name = await queue()
    await push(name, 'one')
    await pick(name)
    await fetchq.own.harness.sweep()
    const before = await job(name, 'one')
    await fetchq.expire(name)
    await fetchq.own.harness.sweep()

    expect(before.status).toBe('in_progress')
    expect((await job(name, 'one')).status).toBe('pending')
  })

  test('F24: after the maximum of 5 it is killed', async () => {
    const name = await queue()
    await push(name, 'one')
    for (let n = 1; n <= 5; n++) {
      expect(await pick(name)).toMatchObject([{ attempts: n }])
      await fetchq.expire(name)
      expect(await mnt(name)).toMatchObject({ rescheduled_count: n < 5 ? 1 : 0, killed_count: n < 5 ? 0 : 1 })
    }

    expect((await job(name, 'one')).status).toBe('failed')
  })
})
