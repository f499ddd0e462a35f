import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from './support.ts'

describe('settle_steps', () => {
  test('ends what is over in the order in which it was, and leaves the rest', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { suspend, signal, load } = steps(harness)
    await suspend(token, [
      { name: 'nap', kind: 'sleep', after_ms: 3_600_000 },
      { name: 'answer', kind: 'wait', after_ms: 3_600_000 },
      { name: 'night', kind: 'sleep', after_ms: 86_400_000 },
    ])
    await signal({ job, name: 'answer', payload: 42 })
    await harness.db.query(
      `update supaqueue.step set until = clock_timestamp() + interval '1 millisecond' where job = $1 and name = 'nap'`,
      [job],
    )
    const [again] = await harness.take(crypto.randomUUID(), queue)

    const { steps: seen } = await load(again!.current_job.id)

    expect(seen).toMatchObject([
      { name: 'nap', status: 'done' },
      { name: 'answer', status: 'done', result: 42 },
      { name: 'night', status: 'sleeping' },
    ])
    expect(seen[1].ended).toBeLessThan(seen[0].ended)
  })

  test('finds its rows by index, however many signals and steps there are', async ({ harness }) => {
    const { job, token } = await called(harness)
    await steps(harness).note(token, [{ name: 'a' }])
    const settle = `select supaqueue_internal.settle_steps(${job}, clock_timestamp(), true)`
    await harness.pagesRead(settle)
    const before = await harness.pagesRead(settle)

    const queue = await harness.queue()
    const others = await harness.jobs(queue, 200)
    await harness.db.query(
      `insert into supaqueue.step (job, name, occurrence, kind, status, place)
       select job, 'wait', n, 'wait', 'waiting', n from unnest($1::bigint[]) as job, generate_series(1, 20) as n`,
      [others],
    )
    await harness.db.query(
      `insert into supaqueue.signal (key, name) select 'key ' || n, 'wait' from generate_series(1, 2000) as n`,
    )

    expect(await harness.pagesRead(settle)).toBeLessThanOrEqual(before + 8)
  })
})
