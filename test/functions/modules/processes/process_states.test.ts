import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type Harness, test as base } from '../../../support/harness.ts'
import { live } from './live.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ harness }, use) => {
    await harness.db.query('delete from supaqueue.process')
    await use()
  }, { auto: true }],
})

const states = async (harness: Harness): Promise<Record<string, unknown>[]> =>
  (await harness.db.query('select supaqueue_internal.process_states() as it')).rows[0].it

const runOf = (process: string) => process.slice(0, 13) + randomUUID().slice(13)

test('a process leads the queues whose run is its own, while that is awake', async ({ harness }) => {
  const [mine, other, asleep] = [await harness.queue(), await harness.queue(), await harness.queue()]
  const { rows: [{ name }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [mine])
  const id = randomUUID()
  await live(harness, { id, name: 'here' })
  await harness.turn(runOf(id), mine)
  await harness.turn(randomUUID(), other)
  await harness.turn(runOf(id), asleep)
  await harness.db.query('update supaqueue.heartbeat set awake_until = clock_timestamp() where queue = $1', [asleep])

  expect(await states(harness)).toMatchObject([
    { id, name: 'here', alive: true, missed: false, queues: null, functions: true, leads: 1, leading: [name] },
  ])
})

test('of very many queues that it leads, all are counted and a hundred named', async ({ harness }) => {
  const id = randomUUID()
  await live(harness, { id })
  await harness.db.query(
    `insert into supaqueue.queue (name, edge_function_name) select 'many ' || n, 'x' from generate_series(1, 101) as n`,
  )
  await harness.db.query(
    `update supaqueue.heartbeat set run = $1, awake_until = clock_timestamp() + interval '1 hour'
     where queue in (select id from supaqueue.queue where name like 'many %')`,
    [runOf(id)],
  )

  const [one] = await states(harness)

  expect(one).toMatchObject({ leads: 101 })
  expect(one!.leading).toHaveLength(100)
})

test.for(
  [
    ['nobody has taken its place', undefined, true],
    ['another serves all', {}, false],
    ['another serves the same and more', { queues: ['b', 'a', 'c'] }, false],
    ['another serves less', { queues: ['a'] }, true],
    ['another may not call functions', { functions: false }, true],
    ['another died, too', { lease: '-2 seconds' }, true],
    ['another has a lease of a clock that was set back', { lease: '2 hours' }, true],
  ] as const,
)('one that is silent while %s: missed is %s', async ([, other, missed], { harness }) => {
  const id = randomUUID()
  await live(harness, { id, queues: ['a', 'b'], lease: '-1 second' })
  if (other) await live(harness, other)

  expect((await states(harness)).find((one) => one.id === id)).toMatchObject({ alive: false, missed })
})

test('there is none where none has begun', async ({ harness }) => {
  expect(await states(harness)).toEqual([])
})
