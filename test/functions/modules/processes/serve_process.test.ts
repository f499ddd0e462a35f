import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test as base } from '../../../support/harness.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ harness }, use) => {
    await harness.db.query('delete from supaqueue.process; delete from supaqueue.home')
    await use()
  }, { auto: true }],
})

const say = async (harness: Harness, process: string, more: object = {}) =>
  (await harness.db.query('select supaqueue_internal.direct_turn($1) as answer', [
    JSON.stringify({ process, ...more }),
  ]))
    .rows[0].answer as { home: boolean; wake: string[]; sweep: boolean }

const processes = async (harness: Harness) =>
  (await harness.db.query('select * from supaqueue.process order by name')).rows

describe('a process', () => {
  test('has a lease while it says that it lives, and none once it has stopped', async ({ harness }) => {
    const id = randomUUID()

    expect(await say(harness, id, { name: 'here', queues: ['a'], functions: true, hello: true })).toMatchObject({
      home: true,
    })
    const [row] = await processes(harness)
    expect(row).toMatchObject({ id, name: 'here', queues: ['a'], functions: true })
    expect(row.lease_until.getTime()).toBeGreaterThan(row.begun_at.getTime())
    await say(harness, id, { stop: true })
    expect(await processes(harness)).toEqual([])
  })

  test('hears at first which of its queues wait for a run', async ({ harness }) => {
    const url = { url: 'https://example.com/', signing_secrets: [] as string[] }
    const mine = await harness.queue({ ...url, name: 'mine', workers: 1 })
    const other = await harness.queue({ ...url, name: 'other', workers: 1 })
    const ofFunction = await harness.queue({ name: 'fn', workers: 1 })
    const led = await harness.queue({ ...url, name: 'led', workers: 1 })
    await harness.turn(randomUUID(), led)
    for (const queue of [mine, other, ofFunction, led]) await harness.jobs(queue, 1)

    const all = await say(harness, randomUUID(), { hello: true, functions: true })
    const urls = await say(harness, randomUUID(), { hello: true })
    const some = await say(harness, randomUUID(), { hello: true, queues: ['mine', 'fn', 'led'] })

    expect(all.wake.sort()).toEqual([mine, other, ofFunction].sort())
    expect(urls.wake.sort()).toEqual([mine, other].sort())
    expect(some.wake).toEqual([mine])
    expect((await say(harness, randomUUID())).wake).toEqual([])
  })

  test('is told that nobody sweeps, and sweeps', async ({ harness }) => {
    const id = randomUUID()
    await harness.db.query('delete from supaqueue.last_sweep')

    expect(await say(harness, id)).toMatchObject({ sweep: true })
    expect(await say(harness, id)).toMatchObject({ sweep: true })
    await say(harness, id, { stop: true })
    expect(await say(harness, id, { sweep: true })).toMatchObject({ sweep: false })
    expect(await processes(harness), 'a sweep that ends late is no sign of life').toEqual([])
    expect(await say(harness, id)).toMatchObject({ sweep: false })
    await harness.db.query(`update supaqueue.last_sweep set swept_at = clock_timestamp() - interval '20 seconds'`)
    expect(await say(harness, id)).toMatchObject({ sweep: true })
  })

  test('gets nothing of a copy of another project', async ({ harness }) => {
    await harness.db.query(`insert into supaqueue.home (project) values ('https://abcdefghijabcdefghij.supabase.co')`)

    expect(await say(harness, randomUUID(), { hello: true, project: 'process' })).toMatchObject({ home: false })
    expect(await processes(harness)).toEqual([])
  })

  test('sees to it that those who died long ago are forgotten', async ({ harness }) => {
    await say(harness, randomUUID())
    await harness.db.query(`update supaqueue.process set lease_until = clock_timestamp() - interval '2 hours'`)
    const id = randomUUID()
    await say(harness, id, { hello: true })

    expect(await processes(harness)).toMatchObject([{ id }])
  })
})
