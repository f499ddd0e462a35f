import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { functionFiles } from '../../../../scripts/cli/database/files.ts'
import { test } from '../../../support/harness.ts'
import { poisoned } from '../../../support/poison.ts'

const fire = 'select supaqueue_internal.fire_deferred()'

describe('fire_deferred', () => {
  test('has a deferred trigger of the user raise now, and the next one wait again', async ({ ownDatabase }) => {
    const { harness, harm, poison } = await poisoned(ownDatabase)
    const queue = await harness.queue()
    await harm(`raise exception 'late'`, 'true', 'after insert deferred')

    await harness.begin()
    await poison(queue)
    await expect(harness.db.query(fire)).rejects.toThrow('late')
    await harness.rollback()
    await harness.begin()
    await harness.job(queue)
    await harness.db.query(fire)
    await poison(queue)
    await expect(harness.commit()).rejects.toThrow('late')
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
    const { harness, harm, poison } = await poisoned(ownDatabase)
    const run = randomUUID()
    const queue = await harness.queue({ workers: 2 })
    const bad = await poison(queue)
    const good = await harness.job(queue)
    const taken = await harness.take(run, queue)
    await harm(`raise exception 'late'`, `new.status = 'success'`, 'after update deferred')

    const answer = await harness.report(run, queue, taken.map(({ current_job }) => current_job.id), 'success')

    expect(answer.again).toEqual(taken.filter(({ job }) => job.id === bad).map(({ current_job }) => current_job.id))
    expect((await harness.jobRow(good)).status).toBe('success')
  })

  test('leaves ours for the commit: nothing is paired before', async ({ ownDatabase }) => {
    const { harness, harm } = await poisoned(ownDatabase)
    await harm('null', 'true', 'after insert deferred')
    const queue = await harness.queue({ workers: 1 })

    await harness.begin()
    await harness.job(queue)
    await harness.db.query(fire)
    expect(await harness.freeWorkers(queue)).toBe(1)
    await harness.commit()
    expect(await harness.freeWorkers(queue)).toBe(0)
  })
})
