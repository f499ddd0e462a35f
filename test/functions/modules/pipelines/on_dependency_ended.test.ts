import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

describe('a target is settled', () => {
  test('at commit, not before', async ({ house }) => {
    const { depend, state } = pipeline(house)
    const [source, target] = await house.jobs(await house.queue(), 2)
    await depend(target!, [source!])

    await house.begin()
    await house.update('job', source!, { status: 'success' })
    expect(await state(target!)).toEqual({ status: 'held', waits_for: 1 })
    await house.commit()

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('when a savepoint in which its source ended was undone and it ends again', async ({ house }) => {
    const { depend, state } = pipeline(house)
    const [source, target] = await house.jobs(await house.queue(), 2)
    await depend(target!, [source!])

    await house.begin()
    await house.db.query('savepoint here; delete from supaqueue.job_dependency; rollback to here')
    await house.db.query('delete from supaqueue.job_dependency where target = $1', [target])
    await house.commit()

    expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  })

  test('each, when sources of several end in turns', async ({ house }) => {
    const { insert, state } = pipeline(house)
    const [a, b, x, y] = await house.jobs(await house.queue(), 4) as [number, number, number, number]
    await insert([a, x], [b, x], [a, y], [b, y])

    await house.db.query(`update supaqueue.job set status = 'success' where id in ($1, $2)`, [a, b])

    expect(await state(x)).toEqual({ status: 'pending', waits_for: 0 })
    expect(await state(y)).toEqual({ status: 'pending', waits_for: 0 })
  })
})
