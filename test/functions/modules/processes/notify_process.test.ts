import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test as base } from '../../../support/harness.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ harness }, use) => {
    await harness.db.query('delete from supaqueue.process')
    await use()
  }, { auto: true }],
})

const live = (
  harness: Harness,
  { id = randomUUID(), queues = null as string[] | null, functions = true, lease = '5 seconds' } = {},
) =>
  harness.db.query(
    `insert into supaqueue.process (id, queues, functions, lease_until) values ($1, $2, $3, clock_timestamp() + $4::interval)`,
    [id, queues, functions, lease],
  )

describe('while a process serves it,', () => {
  test('a queue wakes no edge function: the process is told, and nobody else', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const [mine, other] = [randomUUID(), randomUUID()]
    await live(harness, { id: mine })
    await live(harness, { id: other, queues: ['something else'] })
    const ear = (await another()).db
    const words: string[] = []
    ear.on('notification', ({ payload = '' }) => void words.push(payload))
    await ear.query('listen supaqueue')

    await harness.jobs(queue, 1)
    await ear.query('select')

    expect(words).toEqual([`${mine} ${queue}`])
    expect(await harness.wakeUps(queue)).toBe(0)
    expect(await harness.inProgress(queue)).toHaveLength(1)
  })

  test.for([
    ['serves it not', { queues: ['something else'] }],
    ['cannot call its function', { functions: false }],
    ['has died', { lease: '-1 second' }],
    ['has a lease of a clock that was set back', { lease: '2 hours' }],
  ] as [string, object][])('one that %s is not relied on', async ([, process], { harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await live(harness, process)

    await harness.jobs(queue, 1)

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('the sweep tells it of what it was not told, and the edge function once it is dead', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await live(harness)
    await harness.jobs(queue, 1)
    const late = () =>
      harness.db.query(
        `update supaqueue.heartbeat set awake_until = clock_timestamp() - interval '1 second', woken_at = clock_timestamp() - interval '9 seconds'
         where queue = $1`,
        [queue],
      )

    await late()
    expect((await harness.sweep()).queues_woken).toBe(1)
    expect(await harness.wakeUps(queue)).toBe(0)
    await harness.db.query(`update supaqueue.process set lease_until = clock_timestamp()`)
    await late()
    await harness.sweep()
    expect(await harness.wakeUps(queue)).toBe(1)
  })
})
