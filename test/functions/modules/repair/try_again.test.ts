import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { harms, poisoned } from '../../../support/poison.ts'
import { refusal } from '../../../support/refusal.ts'

describe('try_again', () => {
  test('tries what was set aside at once, and says how many are settled', async ({ ownDatabase }) => {
    const { harness, harm, heal, poison, troubles } = await poisoned(ownDatabase)
    const again = async (...given: (string | number)[]) =>
      (await harness.db.query(`select supaqueue.try_again(${given.map((_, i) => `$${i + 1}`)}) as settled`, given))
        .rows[0]
        .settled
    const queue = await harness.queue({ workers: 2 })
    await harm(harms.raises, `new.status = 'in_progress'`)
    const jobs = [await poison(queue), await poison(queue)]
    await harness.take(randomUUID(), queue)
    await harness.sweep()
    expect(await troubles()).toMatchObject(jobs.map((job) => ({ kind: 'begin', job })))

    expect(await again()).toBe(0)
    const [first] = await troubles()
    expect(first.next_try_at.getTime()).toBeGreaterThan(first.tried_at.getTime())
    await heal()
    expect(await again('begin', jobs[0]!)).toBe(1)
    expect(await troubles()).toMatchObject([{ job: jobs[1] }])
    expect(await again('report')).toBe(0)
    expect(await again()).toBe(1)

    expect(await troubles()).toEqual([])
    expect((await harness.take(randomUUID(), queue)).map(({ job }) => job.id)).toEqual(jobs)
  })

  test('tries chores that failed, too', async ({ harness }) => {
    await harness.db.query(
      `update supaqueue.chore set failures = 3, next_try_at = now() + interval '5 minutes' where name = 'pauses'`,
    )

    await harness.db.query('select supaqueue.try_again()')

    const { rows } = await harness.db.query(`select failures from supaqueue.chore where name = 'pauses'`)
    expect(rows).toEqual([{ failures: 0 }])
  })

  test('wants to know the kind of a subject', async ({ harness }) => {
    expect(await refusal(harness.db.query(`select supaqueue.try_again(subject => '42')`))).toMatchObject({
      code: 'SQ422',
      message: 'a subject is one of a kind',
    })
  })
})
