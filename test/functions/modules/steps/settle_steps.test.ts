import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { called, steps } from './support.ts'

describe('settle_steps', () => {
  test('ends what is over in the order in which it was, and leaves the rest', async ({ house }) => {
    const { queue, job, token } = await called(house)
    const { suspend, signal, load } = steps(house)
    await suspend(token, [
      { name: 'nap', kind: 'sleep', after_ms: 3_600_000 },
      { name: 'answer', kind: 'wait', after_ms: 3_600_000 },
      { name: 'night', kind: 'sleep', after_ms: 86_400_000 },
    ])
    await signal({ job, name: 'answer', payload: 42 })
    await house.db.query(
      `update supaqueue.step set until = clock_timestamp() + interval '1 millisecond' where job = $1 and name = 'nap'`,
      [job],
    )
    const [again] = await house.take(crypto.randomUUID(), queue)

    const { steps: seen } = await load(again!.current_job.id)

    expect(seen).toMatchObject([
      { name: 'nap', status: 'done' },
      { name: 'answer', status: 'done', result: 42 },
      { name: 'night', status: 'sleeping' },
    ])
    expect(seen[1].ended).toBeLessThan(seen[0].ended)
  })

  test('finds its rows by index, however many signals and steps there are', async ({ house }) => {
    const { job, token } = await called(house)
    await steps(house).note(token, [{ name: 'a' }])
    const settle = `select supaqueue_internal.settle_steps(${job}, clock_timestamp(), true)`
    await house.pagesRead(settle)
    const before = await house.pagesRead(settle)

    const queue = await house.queue()
    const others = await house.jobs(queue, 200)
    await house.db.query(
      `insert into supaqueue.step (job, name, occurrence, kind, status, place)
       select job, 'wait', n, 'wait', 'waiting', n from unnest($1::bigint[]) as job, generate_series(1, 20) as n`,
      [others],
    )
    await house.db.query(
      `insert into supaqueue.signal (key, name) select 'key ' || n, 'wait' from generate_series(1, 2000) as n`,
    )

    expect(await house.pagesRead(settle)).toBeLessThanOrEqual(before + 8)
  })
})
