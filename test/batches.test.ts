import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene } from './faults/support/scene.ts'
import { openTarget, type Target, type Visit } from './faults/support/target.ts'

// Batches on a whole stack: Postgres, REST, the dispatcher, and a target that gets lists.

type Entry = { id: number; payload: { n: number }; attempt: number }

let scene: Scene
const targets: Target[] = []

beforeAll(async () => {
  scene = await openScene()
  await scene.harness.setting('allow_private_targets', 'on')
})

afterEach(async () => {
  scene.witness.forget()
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

afterAll(() => scene?.close())

const listOf = ({ body }: Visit): Entry[] => JSON.parse(body.toString())

const target = async (answer: (entries: Entry[]) => { status?: number; body?: unknown }) => {
  const opened = await openTarget((response, visit) => {
    const { status = 200, body = [] } = answer(listOf(visit))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  targets.push(opened)
  return opened
}

const complete = (entries: Entry[]) =>
  entries.map(({ id, payload }) => ({ id, outcome: 'complete', result: payload.n }))

const batchQueue = (url: string, settings: Parameters<Scene['harness']['queue']>[0] = {}) =>
  scene.harness.queue({ url, workers: 2, batch_size: 10, retry_base_ms: 10, retry_max_ms: 20, ...settings })

/** Jobs that all come at once. */
const jobs = (queue: string, count: number) =>
  scene.db.query(
    `insert into supaqueue.job (queue, payload) select $1, jsonb_build_object('n', n) from generate_series(0, $2 - 1) as n`,
    [queue, count],
  )

const rowsOf = async (queue: string) =>
  (await scene.db.query('select status, attempts, result, payload from supaqueue.job where queue = $1 order by id', [
    queue,
  ])).rows

describe('a queue with batches', () => {
  test('calls ten jobs at a time, and writes down what became of each', async () => {
    const { origin, visits } = await target((entries) => ({ body: complete(entries).reverse() }))
    const queue = await batchQueue(origin)

    await jobs(queue, 30)
    await scene.untilEnded(queue)

    const rows = await rowsOf(queue)
    expect(rows.map(({ status, result, payload }) => [status, result === payload.n])).toEqual(
      rows.map(() => ['success', true]),
    )
    expect(visits.map((visit) => listOf(visit).length)).toEqual([10, 10, 10])
    expect(new Set(visits.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  })

  test('finds the job that kills each of its calls, and does all others once', async () => {
    const isPoison = ({ payload }: Entry) => payload.n % 10 === 3
    const done = new Map<number, number>()
    const { origin, visits } = await target((entries) => {
      if (entries.some(isPoison)) return { status: 546 }
      for (const { payload } of entries) done.set(payload.n, (done.get(payload.n) ?? 0) + 1)
      return { body: complete(entries) }
    })
    const queue = await batchQueue(origin, { max_attempts: 2 })

    await jobs(queue, 40)
    await scene.untilEnded(queue)

    const rows = await rowsOf(queue)
    for (const { payload, status, attempts } of rows) {
      const poison = payload.n % 10 === 3
      expect([payload.n, status, attempts]).toEqual([payload.n, poison ? 'failed' : 'success', poison ? 2 : 1])
    }
    expect([...done.values()]).toEqual(Array.from({ length: 36 }, () => 1))
    // Of each poison job: ten, five, two or three, one, and once more alone.
    const ofOne = visits.map(listOf).filter((entries) => entries.some(({ payload }) => payload.n === 3))
    expect(ofOne.map(({ length }) => length)).toEqual(
      [10, 5, expect.toBeOneOf([2, 3]), expect.toBeOneOf([1, 2]), 1, 1].slice(
        0,
        ofOne.length,
      ),
    )
    expect(await scene.harness.freeWorkers(queue)).toBe(2)
  })

  test('has a job that the answer leaves out fail, and no other', async () => {
    const { origin } = await target((entries) => ({ body: complete(entries).filter((_, i) => i !== 1) }))
    const queue = await batchQueue(origin, { max_attempts: 1, batch_size: 3 })

    await jobs(queue, 3)
    await scene.untilEnded(queue)

    expect((await scene.jobs(queue)).map(({ status }) => status)).toEqual(['success', 'failed', 'success'])
  })

  test('waits for a call to fill, but no longer than the queue says', async () => {
    const { origin, visits } = await target((entries) => ({ body: complete(entries) }))
    const queue = await batchQueue(origin, { batch_wait_ms: 500, batch_size: 3 })

    await jobs(queue, 1)
    await jobs(queue, 1)
    await scene.untilEnded(queue)
    expect(visits.map((visit) => listOf(visit).length)).toEqual([2])
  })
})
