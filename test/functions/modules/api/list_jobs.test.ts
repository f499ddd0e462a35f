import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const list = (harness: Harness, filter: object): Promise<{ jobs: { id: number }[]; next: number | null }> =>
  ask(harness, 'list_jobs', { filter })

/** So many jobs, oldest first. */
const jobs = async (harness: Harness, queue: string, many: number): Promise<number[]> => {
  const { rows } = await harness.db.query(
    'insert into supaqueue.job (queue) select $1 from generate_series(1, $2) returning id',
    [queue, many],
  )
  return rows.map(({ id }) => id)
}

const ids = ({ jobs }: { jobs: { id: number }[] }) => jobs.map(({ id }) => id)

describe('list_jobs', () => {
  test('leads page by page through all of them, newest first, each once', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const mine = await jobs(harness, queue, 7)
    await jobs(harness, other, 3)

    const found: number[] = []
    for (let before: number | null = null, pages = 0; pages < 10; pages++) {
      const page = await list(harness, { queue, limit: 3, before })
      found.push(...ids(page))
      before = page.next
      if (before === null) break
    }

    expect(found).toEqual(mine.toReversed())
  })

  test('filters by queue, status and batch', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name })
    const { rows } = await harness.db.query(`select id, batch from unnest(supaqueue.enqueue_many($1, '[{}, {}]'))`, [
      name,
    ])
    const [single] = await jobs(harness, queue, 1)
    await harness.update('job', rows[0].id, { status: 'failed' })

    expect(ids(await list(harness, { queue: name }))).toEqual([single, rows[1].id, rows[0].id])
    expect(ids(await list(harness, { queue: name, status: 'failed' }))).toEqual([rows[0].id])
    expect(ids(await list(harness, { batch: rows[0].batch }))).toEqual([rows[1].id, rows[0].id])
    expect(ids(await list(harness, { batch: rows[0].batch, status: 'pending' }))).toEqual([rows[1].id])
  })

  test('looks at ten thousand jobs at most, and says where to go on', async ({ harness }) => {
    const [rare, common] = [await harness.queue(), await harness.queue()]
    const [wanted] = await jobs(harness, rare, 1)
    const others = await jobs(harness, common, 10_001)

    const first = await list(harness, { queue: rare })
    const second = await list(harness, { queue: rare, before: first.next })

    expect([ids(first), first.next]).toEqual([[], others[1]])
    expect(ids(second)).toEqual([wanted])
  })

  test('says that there are no more when the last page is just full', async ({ harness, ownDatabase }) => {
    const empty = { ...harness, db: await ownDatabase.connect() }
    const { rows: [{ id }] } = await empty.db.query(
      `insert into supaqueue.queue (edge_function_name) values ('hello') returning id`,
    )
    await jobs(empty, id, 2)

    expect((await list(empty, { limit: 2 })).next).toBe(null)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(list(harness, { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
