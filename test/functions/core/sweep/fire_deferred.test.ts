import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { poisoned } from '../../../support/poison.ts'

const fire = 'select supaqueue_internal.fire_deferred()'

describe('fire_deferred', () => {
  test('has a deferred trigger of the user raise now, and the next one wait again', async ({ ownDatabase }) => {
    const { house, harm, poison } = await poisoned(ownDatabase)
    const queue = await house.queue()
    await harm(`raise exception 'late'`, 'true', 'after insert deferred')

    await house.begin()
    await poison(queue)
    await expect(house.db.query(fire)).rejects.toThrow('late')
    await house.rollback()
    await house.begin()
    await house.job(queue)
    await house.db.query(fire)
    await poison(queue)
    await expect(house.commit()).rejects.toThrow('late')
  })

  test('leaves ours for the commit: nothing is paired before', async ({ ownDatabase }) => {
    const { house, harm } = await poisoned(ownDatabase)
    await harm('null', 'true', 'after insert deferred')
    const queue = await house.queue({ workers: 1 })

    await house.begin()
    await house.job(queue)
    await house.db.query(fire)
    expect(await house.freeWorkers(queue)).toBe(1)
    await house.commit()
    expect(await house.freeWorkers(queue)).toBe(0)
  })
})
