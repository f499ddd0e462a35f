import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

describe('a target is settled', () => {
  test('at commit, not before', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.begin()
    await harness.update('job', source!, { status: 'success' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })
    await harness.commit()

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('when a savepoint in which its source ended was undone and it ends again', async ({ harness }) => {
    const { depend, state } = pipeline(harness)
    const [source, target] = await harness.jobs(await harness.queue(), 2)
    await depend(target!, [source!])

    await harness.begin()
    await harness.db.query('savepoint here; delete from supaqueue.job_dependency; rollback to here')
    await harness.db.query('delete from supaqueue.job_dependency where target = $1', [target])
    await harness.commit()

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('each, when sources of several end in turns', async ({ harness }) => {
    const { insert, state } = pipeline(harness)
    const [a, b, x, y] = await harness.jobs(await harness.queue(), 4) as [number, number, number, number]
    await insert([a, x], [b, x], [a, y], [b, y])

    await harness.db.query(`update supaqueue.job set status = 'success' where id in ($1, $2)`, [a, b])

    expect(await state(x)).toEqual({ status: 'pending', waits_for: 0 })
    expect(await state(y)).toEqual({ status: 'pending', waits_for: 0 })
  })
})
