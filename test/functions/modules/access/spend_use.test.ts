import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { openQueue } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const spend = async (harness: Harness, queue: string, who: string): Promise<void> => {
  await harness.db.query(`select supaqueue_internal.spend_use(door, $2) from supaqueue.door where queue = $1`, [
    queue,
    who,
  ])
}
const age = (harness: Harness, queue: string, by: string) =>
  harness.db.query('update supaqueue.door_use set free_at = free_at - $2::interval where queue = $1', [queue, by])

describe('spend_use', () => {
  test('lets as many through at once as a minute has, and refuses the next with the seconds to wait', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 4 })
    const who = randomUUID()
    for (let i = 0; i < 4; i++) await spend(harness, queue, who)

    const reason = await refusal(spend(harness, queue, who))

    expect(reason).toMatchObject({ code: 'SQ429', message: expect.stringContaining('4 jobs and signals a minute') })
    expect(Number(reason.detail)).toBeGreaterThan(0)
    expect(Number(reason.detail)).toBeLessThanOrEqual(15)
  })

  test('lets one more through for each part of the minute that has passed', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 4 })
    const who = randomUUID()
    for (let i = 0; i < 4; i++) await spend(harness, queue, who)

    await age(harness, queue, '15 seconds')
    await spend(harness, queue, who)

    expect(await refusal(spend(harness, queue, who))).toMatchObject({ code: 'SQ429' })
  })

  test('does not save up more than one minute', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 2 })
    const who = randomUUID()
    await spend(harness, queue, who)
    await age(harness, queue, '1 hour')
    await spend(harness, queue, who)
    await spend(harness, queue, who)

    expect(await refusal(spend(harness, queue, who))).toMatchObject({ code: 'SQ429' })
  })

  test('counts each user alone', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 1 })
    const [one, other] = [randomUUID(), randomUUID()]
    await spend(harness, queue, one)

    await spend(harness, queue, other)

    expect(await refusal(spend(harness, queue, one))).toMatchObject({ code: 'SQ429' })
  })

  test('does not hold a slower rate of before against a user', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 1 })
    const who = randomUUID()
    await spend(harness, queue, who)
    await harness.db.query(`update supaqueue.door_use set free_at = now() + interval '1 day' where queue = $1`, [queue])

    await spend(harness, queue, who)
  })

  test('takes nothing for what is rolled back', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 1 })
    const who = randomUUID()
    await harness.begin()
    await spend(harness, queue, who)
    await harness.rollback()

    await spend(harness, queue, who)
  })

  test('lets through no more than it should when calls of a user come at once', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 3 })
    const who = randomUUID()
    await spend(harness, queue, who)
    const one = await another()
    const others = await Promise.all([another(), another(), another(), another()])
    await one.begin()
    await spend(one, queue, who)
    const outcomes = others.map((other) => spend(other, queue, who).then(() => 'through', (reason) => reason.code))
    await until(async () => (await Promise.all(others.map((other) => harness.isBlocked(other)))).every(Boolean))
    await one.commit()

    expect((await Promise.all(outcomes)).sort()).toEqual(['SQ429', 'SQ429', 'SQ429', 'through'])
  })

  test('refuses who would wait for long', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 2 })
    const who = randomUUID()
    await spend(harness, queue, who)
    const holder = await another()
    await holder.begin()
    await spend(holder, queue, who)
    const waiting = await another()
    await waiting.impatient()

    const reason = await refusal(spend(waiting, queue, who))
    await holder.rollback()

    expect(reason).toMatchObject({ code: 'SQ429', detail: '1' })
  })

  test('takes rows away that say nothing any more when a new user comes', async ({ harness }) => {
    const queue = await openQueue(harness, { per_minute: 100 })
    await harness.db.query(
      `insert into supaqueue.door_use (queue, role, who, free_at)
       select $1, 'authenticated', ('00000000-0000-0000-0000-0000000000' || n)::uuid,
         now() - case when n = 15 then interval '1 second' else interval '2 minutes' end
       from generate_series(11, 25) as n`,
      [queue],
    )

    await spend(harness, queue, '00000000-0000-0000-0000-000000000000')

    const { rows } = await harness.db.query(
      `select right(who::text, 2) as who from supaqueue.door_use where queue = $1 order by who`,
      [queue],
    )
    expect(rows.map(({ who }) => who)).toEqual(['00', '15', '21', '22', '23', '24', '25'])
  })
})
