import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

describe('in a queue that is ordered by key', () => {
  test('the next job of a key begins when the one before has ended, and other keys go on meanwhile', async ({ harness }) => {
    const line = await inLine(harness)
    const [one, two, three] = [await line.job('a'), await line.job('a'), await line.job('a')]
    const other = await line.job('b')
    const [free, alsoFree] = [await line.job(undefined), await line.job(undefined)]

    expect(await line.take()).toEqual([one, other, free, alsoFree])
    expect(await line.take()).toEqual([])
    expect(await line.end(one!)).toEqual([two])
    expect(await line.end(other)).toEqual([])
    expect(await line.end(two!)).toEqual([three])
  })

  test('no job passes one that waits for its retry, however long', async ({ harness }) => {
    const line = await inLine(harness, { retry_base_ms: 60_000 })
    const [one, two] = [await line.job('a'), await line.job('a', { priority: 9 })]
    await line.take()

    expect(await line.end(one, 'failed')).toEqual([])
    expect(await line.take()).toEqual([])
    await ask(harness, 'run_now', { job: one })
    expect(await line.take()).toEqual([one])
    expect(await line.end(one)).toEqual([two])
  })

  test('neither priority nor time let a job pass one with a smaller id of its key', async ({ harness }) => {
    const line = await inLine(harness)
    const planned = await line.job('a', { due: '1 hour' })
    await line.job('a', { priority: 100, due: '-1 hour' })

    expect(await line.take()).toEqual([])
    await ask(harness, 'run_now', { job: planned })
    expect(await line.take()).toEqual([planned])
  })

  test('lines go by the priority of their first jobs, then by how long these have been due', async ({ harness }) => {
    const line = await inLine(harness)
    const late = await line.job('a', { due: '-1 minute' })
    const later = await line.job('b', { due: '-2 minutes' })
    const urgent = await line.job('c', { priority: 1 })
    await line.job('a', { priority: 50 })

    expect([await line.take(1), await line.take(1), await line.take(1)]).toEqual([[urgent], [later], [late]])
  })

  test.for(['held', 'failed'] as const)(
    'a first job that is %s keeps the others waiting',
    async (status, { harness }) => {
      const line = await inLine(harness, { max_attempts: 1 })
      const one = await line.job('a', status === 'held' ? { status } : {})
      const two = await line.job('a')
      if (status === 'failed') {
        await line.take()
        await line.end(one, 'failed')
      }

      expect((await harness.jobRow(one)).status).toBe(status)
      expect(await line.take()).toEqual([])
      expect(await ask(harness, 'cancel', { job: one })).toBe(true)
      expect(await line.take()).toEqual([two])
    },
  )

  test('a failed job that is retried goes first again', async ({ harness }) => {
    const line = await inLine(harness, { max_attempts: 1 })
    const [one, two] = [await line.job('a'), await line.job('a')]
    await line.take()
    expect(await line.end(one, 'failed')).toEqual([])

    await ask(harness, 'retry', { job: one })

    expect(await line.take()).toEqual([one])
    expect(await line.end(one)).toEqual([two])
  })

  test('after_failure continue: the next goes on after the last attempt, and not before', async ({ harness }) => {
    const line = await inLine(harness, { max_attempts: 2, after_failure: 'continue' })
    const [one, two] = [await line.job('a'), await line.job('a')]
    await line.take()

    expect(await line.end(one, 'failed')).toEqual([one])
    expect(await line.end(one, 'failed')).toEqual([two])
  })

  test.for(['cancelled', 'deleted', 'success', 'moved', 'another key'] as const)(
    'the next goes on when the first is %s by hand, waiting or running',
    async (way, { harness }) => {
      const line = await inLine(harness)
      const [one, two, three] = [await line.job('a'), await line.job('a'), await line.job('a')]
      const leave = async (job: number) => {
        if (way === 'deleted') await harness.delete('job', job)
        else if (way === 'moved') await harness.update('job', job, { status: 'held', queue: await harness.queue() })
        else if (way === 'another key') {
          await harness.update('job', job, { status: 'held', concurrency_key: `own ${job}` })
        } else await harness.update('job', job, { status: way })
      }

      await leave(one)
      expect(await line.take()).toEqual([two])
      if (way === 'moved') await harness.update('job', two, { status: 'held' })
      await leave(two)
      expect(await line.take()).toEqual([three])
    },
  )

  test('a job that was cancelled and is put back has its place again, and waits for one that runs', async ({ harness }) => {
    const line = await inLine(harness)
    const [one, two, three] = [await line.job('a'), await line.job('a'), await line.job('a')]
    await harness.update('job', one, { status: 'cancelled' })
    expect(await line.take()).toEqual([two])

    await ask(harness, 'retry', { job: one })

    expect(await line.take()).toEqual([])
    expect(await line.end(two)).toEqual([one])
    expect(await line.end(one)).toEqual([three])
  })

  test('a job that comes late with a smaller id waits for one that runs, and goes before the others', async ({ harness, another }) => {
    const line = await inLine(harness)
    const slow = await another()
    await slow.begin()
    const first = await slow.job(line.queue, { concurrency_key: 'a' })
    const second = await line.job('a')
    const third = await line.job('a')
    expect(await line.take()).toEqual([second])

    await slow.commit()

    expect(await line.take()).toEqual([])
    expect(await line.end(second)).toEqual([first])
    expect(await line.end(first)).toEqual([third])
  })

  test('two sessions that claim at once take one of a key between them, and wait for nobody', async ({ harness, another }) => {
    const line = await inLine(harness)
    const [one] = [await line.job('a'), await line.job('a'), await line.job('b')]
    const other = await another()
    await other.impatient()

    const [mine, theirs] = await harness.transaction(
      async () => [await line.take(1), await other.take(randomUUID(), line.queue)],
    )

    expect([mine, theirs]).toEqual([[one], []])
  })

  test('a version that a consumer asks for is that of the first of a line, or nothing', async ({ harness }) => {
    const line = await inLine(harness, { mode: 'pull' })
    await line.job('a', { version: 1 })
    await line.job('a', { version: 2 })
    const other = await line.job('b', { version: 2 })
    const name = (await harness.db.query('select name from supaqueue.queue where id = $1', [line.queue])).rows[0].name

    await harness.db.query('select supaqueue.pick($1, 2, 5)', [name])

    expect(await harness.inProgress(line.queue)).toEqual([other])
  })
})

test('in a queue that is ordered as a whole one job runs at a time, by id', async ({ harness }) => {
  const line = await inLine(harness, { ordered: 'queue' })
  const ids = [await line.job('a'), await line.job(undefined, { priority: 3 }), await line.job('b')]

  expect(await line.take()).toEqual([ids[0]])
  expect(await line.take()).toEqual([])
  expect(await line.end(ids[0]!)).toEqual([ids[1]])
  expect(await line.end(ids[1]!)).toEqual([ids[2]])
})

test('a batch brings the first jobs of several keys', async ({ harness }) => {
  const line = await inLine(harness, { batch_size: 3 })
  const [a, b] = [await line.job('a'), await line.job('b'), await line.job('a'), await line.job('b')]

  expect(await line.take()).toEqual([a, b])
})

test.for([
  ['many keys', `concat('key ', n)`],
  ['one key', `'one'`],
])('what a claim costs does not grow with how many jobs wait: %s', async ([, key], { harness, another }) => {
  const admin = await another('admin')
  const line = await inLine(harness, { workers: 20 })
  const fill = (from: number, to: number) =>
    harness.db.query(
      `insert into supaqueue.job (queue, concurrency_key) select $1, ${key} from generate_series($2::int, $3::int) as n`,
      [line.queue, from, to],
    )
  /** What a claim of two reads, once the lines are settled. */
  const pages = async () => {
    for (let rest = true; rest;) {
      await line.take(0)
      await harness.db.query(
        `select supaqueue_internal.due_in_line($1, clock_timestamp(), 0, true, null)`,
        [line.queue],
      )
      rest = (await harness.db.query('select from supaqueue.line_change where queue = $1', [line.queue])).rowCount! > 0
    }
    // Rows of the past stay where they were until a vacuum has been there.
    await admin.db.query('vacuum supaqueue.job, supaqueue.line_change, supaqueue.line_head, supaqueue.place_in_line')
    return await harness.pagesRead(`select supaqueue_internal.due_in_line($1, clock_timestamp(), 2, true, null)`, [
      line.queue,
    ])
  }
  await fill(1, 300)
  const few = await pages()
  await fill(301, 9000)

  expect(await pages()).toBeLessThan(few + 10)
})
