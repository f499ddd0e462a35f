import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test as base } from '../../../support/house.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ house }, use) => {
    await house.db.query('delete from supaqueue.process; delete from supaqueue.home')
    await use()
  }, { auto: true }],
})

const say = async (house: House, process: string, more: object = {}) =>
  (await house.db.query('select supaqueue_internal.direct_turn($1) as answer', [JSON.stringify({ process, ...more })]))
    .rows[0].answer as { home: boolean; wake: string[]; sweep: boolean }

const processes = async (house: House) => (await house.db.query('select * from supaqueue.process order by name')).rows

describe('a process', () => {
  test('has a lease while it says that it lives, and none once it has stopped', async ({ house }) => {
    const id = randomUUID()

    expect(await say(house, id, { name: 'here', queues: ['a'], functions: true, hello: true })).toMatchObject({
      home: true,
    })
    const [row] = await processes(house)
    expect(row).toMatchObject({ id, name: 'here', queues: ['a'], functions: true })
    expect(row.lease_until.getTime()).toBeGreaterThan(row.begun_at.getTime())
    await say(house, id, { stop: true })
    expect(await processes(house)).toEqual([])
  })

  test('hears at first which of its queues wait for a run', async ({ house }) => {
    const url = { url: 'https://example.com/', signing_secrets: [] as string[] }
    const mine = await house.queue({ ...url, name: 'mine', workers: 1 })
    const other = await house.queue({ ...url, name: 'other', workers: 1 })
    const ofFunction = await house.queue({ name: 'fn', workers: 1 })
    const led = await house.queue({ ...url, name: 'led', workers: 1 })
    await house.turn(randomUUID(), led)
    for (const queue of [mine, other, ofFunction, led]) await house.jobs(queue, 1)

    const all = await say(house, randomUUID(), { hello: true, functions: true })
    const urls = await say(house, randomUUID(), { hello: true })
    const some = await say(house, randomUUID(), { hello: true, queues: ['mine', 'fn', 'led'] })

    expect(all.wake.sort()).toEqual([mine, other, ofFunction].sort())
    expect(urls.wake.sort()).toEqual([mine, other].sort())
    expect(some.wake).toEqual([mine])
    expect((await say(house, randomUUID())).wake).toEqual([])
  })

  test('is told that nobody sweeps, and sweeps', async ({ house }) => {
    const id = randomUUID()
    await house.db.query('delete from supaqueue.last_sweep')

    expect(await say(house, id)).toMatchObject({ sweep: true })
    expect(await say(house, id)).toMatchObject({ sweep: true })
    await say(house, id, { stop: true })
    expect(await say(house, id, { sweep: true })).toMatchObject({ sweep: false })
    expect(await processes(house), 'a sweep that ends late is no sign of life').toEqual([])
    expect(await say(house, id)).toMatchObject({ sweep: false })
    await house.db.query(`update supaqueue.last_sweep set swept_at = clock_timestamp() - interval '20 seconds'`)
    expect(await say(house, id)).toMatchObject({ sweep: true })
  })

  test('gets nothing of a copy of another project', async ({ house }) => {
    await house.db.query(`insert into supaqueue.home (project) values ('https://abcdefghijabcdefghij.supabase.co')`)

    expect(await say(house, randomUUID(), { hello: true, project: 'process' })).toMatchObject({ home: false })
    expect(await processes(house)).toEqual([])
  })

  test('sees to it that those who died long ago are forgotten', async ({ house }) => {
    await say(house, randomUUID())
    await house.db.query(`update supaqueue.process set lease_until = clock_timestamp() - interval '2 hours'`)
    const id = randomUUID()
    await say(house, id, { hello: true })

    expect(await processes(house)).toMatchObject([{ id }])
  })
})
