import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { functionFiles } from '../../../../scripts/cli/database/files.ts'
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

  test('looks at the tables that a turn looks at', () => {
    const tables = (name: string) => {
      const { sql } = functionFiles().find((file) => file.name === name)!
      return sql.match(/tgrelid in \(([^]*?)\)/)?.[1]?.match(/'supaqueue\.\w+'/g)
    }

    expect(tables('fire_deferred')).toHaveLength(7)
    expect(tables('supaqueue_turn')).toEqual(tables('fire_deferred'))
  })

  test('is asked anew by each turn: what was deferred since the last one of the connection stops only its own row', async ({ ownDatabase }) => {
    const { house, harm, poison } = await poisoned(ownDatabase)
    const run = randomUUID()
    const queue = await house.queue({ workers: 2 })
    const bad = await poison(queue)
    const good = await house.job(queue)
    const taken = await house.take(run, queue)
    await harm(`raise exception 'late'`, `new.status = 'success'`, 'after update deferred')

    const answer = await house.report(run, queue, taken.map(({ current_job }) => current_job.id), 'success')

    expect(answer.again).toEqual(taken.filter(({ job }) => job.id === bad).map(({ current_job }) => current_job.id))
    expect((await house.jobRow(good)).status).toBe('success')
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
