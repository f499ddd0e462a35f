import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type House, test as base } from '../../../support/house.ts'
import { live } from './live.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ house }, use) => {
    await house.db.query('delete from supaqueue.process')
    await use()
  }, { auto: true }],
})

const states = async (house: House): Promise<Record<string, unknown>[]> =>
  (await house.db.query('select supaqueue_internal.process_states() as it')).rows[0].it

const runOf = (process: string) => process.slice(0, 13) + randomUUID().slice(13)

test('a process leads the queues whose run is its own, while that is awake', async ({ house }) => {
  const [mine, other, asleep] = [await house.queue(), await house.queue(), await house.queue()]
  const { rows: [{ name }] } = await house.db.query('select name from supaqueue.queue where id = $1', [mine])
  const id = randomUUID()
  await live(house, { id, name: 'here' })
  await house.turn(runOf(id), mine)
  await house.turn(randomUUID(), other)
  await house.turn(runOf(id), asleep)
  await house.db.query('update supaqueue.heartbeat set awake_until = clock_timestamp() where queue = $1', [asleep])

  expect(await states(house)).toMatchObject([
    { id, name: 'here', alive: true, missed: false, queues: null, functions: true, leads: 1, leading: [name] },
  ])
})

test('of very many queues that it leads, all are counted and a hundred named', async ({ house }) => {
  const id = randomUUID()
  await live(house, { id })
  await house.db.query(
    `insert into supaqueue.queue (name, edge_function_name) select 'many ' || n, 'x' from generate_series(1, 101) as n`,
  )
  await house.db.query(
    `update supaqueue.heartbeat set run = $1, awake_until = clock_timestamp() + interval '1 hour'
     where queue in (select id from supaqueue.queue where name like 'many %')`,
    [runOf(id)],
  )

  const [one] = await states(house)

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
)('one that is silent while %s: missed is %s', async ([, other, missed], { house }) => {
  const id = randomUUID()
  await live(house, { id, queues: ['a', 'b'], lease: '-1 second' })
  if (other) await live(house, other)

  expect((await states(house)).find((one) => one.id === id)).toMatchObject({ alive: false, missed })
})

test('there is none where none has begun', async ({ house }) => {
  expect(await states(house)).toEqual([])
})
