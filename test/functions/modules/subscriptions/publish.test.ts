import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

/** A queue that begins nothing, and its name. */
async function subscriber(harness: Harness, prefix: string, settings = {}) {
  const name = `${prefix}-${randomUUID()}`
  return { name, queue: await harness.queue({ name, ...settings }) }
}

const word = () => randomUUID().slice(0, 8)

const publish = (harness: Harness, topic: string, more: Record<string, unknown> = {}): Promise<string[]> =>
  ask(harness, 'publish', { topic, ...more })

const rowsOf = async (harness: Harness, ids: string[]) =>
  (await harness.db.query(
    `select job.*, queue.name from supaqueue.job join supaqueue.queue on queue.id = job.queue
     where job.id = any ($1) order by array_position($1::bigint[], job.id)`,
    [ids],
  )).rows

describe('publish', () => {
  test('makes one job in each queue that subscribed, whichever of its patterns fit', async ({ harness }) => {
    const [a, b, other] = [
      await subscriber(harness, 'a'),
      await subscriber(harness, 'b'),
      await subscriber(harness, 'c'),
    ]
    const order = word()
    await ask(harness, 'subscribe', { pattern: `${order}.*`, queue: a.name })
    await ask(harness, 'subscribe', { pattern: `${order}.paid`, queue: a.name })
    await ask(harness, 'subscribe', { pattern: `${order}.paid`, queue: b.queue })
    await ask(harness, 'subscribe', { pattern: `${order}.sent`, queue: other.name })

    const ids = await publish(harness, `${order}.paid`, {
      payload: { n: 1 },
      concurrency_key: 'tenant',
      priority: 4,
      delay: '1 hour',
    })

    expect(await rowsOf(harness, ids)).toMatchObject([a, b].map(({ name }) => ({
      name,
      status: 'pending',
      payload: { n: 1 },
      concurrency_key: 'tenant',
      priority: 4,
      origin: { topic: `${order}.paid` },
    })))
    const [row] = await rowsOf(harness, ids)
    expect(Number(row.run_at) - Number(row.created_at)).toBe(3_600_000)
  })

  test('minds the filter, which may be said anew', async ({ harness }) => {
    const { queue } = await subscriber(harness, 'a')
    const topic = word()
    expect(await ask(harness, 'subscribe', { pattern: topic, queue, filter: { country: 'de' } })).toBe(true)

    expect(await publish(harness, topic, { payload: { country: 'fr' } })).toEqual([])
    expect(await publish(harness, topic, { payload: { country: 'de', n: 1 } })).toHaveLength(1)
    expect(await ask(harness, 'subscribe', { pattern: topic, queue })).toBe(false)
    expect(await publish(harness, topic, { payload: { country: 'fr' } })).toHaveLength(1)
  })

  test('without a payload is an empty one, for filters, too', async ({ harness }) => {
    const { queue } = await subscriber(harness, 'a')
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue, filter: {} })

    const ids = await publish(harness, topic, { payload: null })

    expect(await rowsOf(harness, ids)).toMatchObject([{ payload: {} }])
  })

  test('with nobody there is no job and no error', async ({ harness }) => {
    expect(await publish(harness, word())).toEqual([])
  })

  test('twice with one key makes one job per queue, also for those who subscribed between', async ({ harness }) => {
    const [a, b] = [await subscriber(harness, 'a'), await subscriber(harness, 'b')]
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue: a.queue })
    expect(await publish(harness, topic, { dedupe_key: 'k' })).toHaveLength(1)
    await ask(harness, 'subscribe', { pattern: topic, queue: b.queue })

    const again = await publish(harness, topic, { dedupe_key: 'k' })

    expect(await rowsOf(harness, again)).toMatchObject([{ name: b.name }])
  })

  test('at once with one key makes one job', async ({ harness, another }) => {
    const { queue } = await subscriber(harness, 'a')
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue })
    const [one, two] = [await another(), await another()]
    await one.begin()
    await publish(one, topic, { dedupe_key: 'k' })

    const other = publish(two, topic, { dedupe_key: 'k' })
    await until(() => harness.isBlocked(two))
    await one.commit()

    expect(await other).toEqual([])
  })

  test('that another transaction has got in the way of speaks of no key where there is none', async ({ harness, another }) => {
    const [{ queue }, { queue: other }] = [await subscriber(harness, 'a'), await subscriber(harness, 'b')]
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue })
    const late = await another()
    await late.db.query('begin isolation level serializable')
    await late.db.query('select count(*) from supaqueue.job where queue = $1', [queue])
    // It reads what that one writes, and writes what that one reads.
    await harness.db.query('begin isolation level serializable')
    await harness.db.query('select count(*) from supaqueue.job where queue = $1', [queue])
    await ask(harness, 'subscribe', { pattern: topic, queue: other })
    await harness.commit()

    const { code, message } = await refusal(publish(late, topic))
    await late.db.query('rollback')

    expect({ code, message }).toEqual({ code: '40001', message: expect.not.stringContaining('dedupe_key') })
  })

  test('is undone with the transaction', async ({ harness }) => {
    const { queue } = await subscriber(harness, 'a')
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue })
    await harness.begin()
    await publish(harness, topic)
    await harness.rollback()

    expect((await harness.db.query('select from supaqueue.job where queue = $1', [queue])).rowCount).toBe(0)
  })

  test('of what one queue does not take changes nothing, and names that queue', async ({ harness }) => {
    const [a, b] = [await subscriber(harness, 'a'), await subscriber(harness, 'b')]
    const topic = word()
    for (const { queue } of [a, b]) await ask(harness, 'subscribe', { pattern: topic, queue })
    await harness.update('queue', b.queue, { payload_max_bytes: 10 })

    expect(await refusal(publish(harness, topic, { payload: { long: 'enough for it' } }))).toMatchObject({
      code: 'SQ413',
      message: expect.stringContaining(b.name),
    })
    expect((await harness.db.query('select from supaqueue.job where queue = $1', [a.queue])).rowCount).toBe(0)
  })

  test.for([null, '', 'a.*', 'a..b', '.a', 'a b', 'ä', 'a.b.c.d.e.f.g.h.i', 'x'.repeat(201)])(
    'under %j is refused',
    async (topic, { harness }) => {
      expect(await refusal(ask(harness, 'publish', { topic }))).toMatchObject({ code: 'SQ422' })
    },
  )

  test('is said by explain', async ({ harness }) => {
    const { queue } = await subscriber(harness, 'a')
    const topic = word()
    await ask(harness, 'subscribe', { pattern: topic, queue })
    const [job] = await publish(harness, topic)

    expect((await ask(harness, 'explain', { job })).text).toContain(`made of what was published as ${topic}`)
  })
})
