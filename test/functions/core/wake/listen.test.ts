import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const listensUntil = async (house: House, queue: string): Promise<number | null> =>
  (await house.db.query(
    `select extract(epoch from listens_until - clock_timestamp())::float as seconds from supaqueue.heartbeat where queue = $1`,
    [queue],
  )).rows[0].seconds

/** What is said on the channel while something is done. */
async function heard(ear: pg.Client, work: () => Promise<unknown>): Promise<string[]> {
  const words: string[] = []
  const hear = ({ payload = '' }) => void words.push(payload)
  ear.on('notification', hear)
  await ear.query('listen supaqueue')
  await work()
  // Whatever was said before comes before the answer.
  await ear.query('select')
  ear.off('notification', hear)
  return words
}

const turn = async (house: House, run: string, queue: string, more = {}) =>
  await house.turn(run, queue, { room: 5, listen: true, ...more }) as unknown as {
    look_ms: number | null
    leader: boolean
  }

describe('a leader that listens', () => {
  test('is told when to look again, and of each commit that brings work', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    const run = randomUUID()
    const ear = (await another()).db

    expect(await turn(house, run, queue)).toMatchObject({ look_ms: 1000, leader: true })
    expect(await listensUntil(house, queue)).toBeGreaterThan(0)
    expect(await heard(ear, () => house.jobs(queue, 3))).toEqual([queue])
    expect((await house.take(run, queue)).length).toBe(2)
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('is told of nothing once that is over, and by nobody whose transaction is rolled back', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    await turn(house, randomUUID(), queue)
    const ear = (await another()).db

    expect(
      await heard(ear, async () => {
        await house.begin()
        await house.jobs(queue, 1)
        await house.rollback()
      }),
    ).toEqual([])
    await house.db.query(`update supaqueue.heartbeat set listens_until = clock_timestamp() where queue = $1`, [queue])
    expect(await heard(ear, () => house.jobs(queue, 1))).toEqual([])
  })

  test('writes no more often than once a second, whatever it is told', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await turn(house, run, queue)
    const version = async () =>
      (await house.db.query('select xmin::text from supaqueue.heartbeat where queue = $1', [queue])).rows[0].xmin
    const before = await version()
    await house.db.query('begin')
    await house.db.query(
      `update supaqueue.heartbeat set listens_until = clock_timestamp() + interval '2 seconds' where queue = $1`,
      [queue],
    )
    const fresh = await version()

    expect(await turn(house, run, queue)).toMatchObject({ look_ms: 1000 })
    expect(await version()).toBe(fresh)
    expect(fresh).not.toBe(before)
    await house.db.query('rollback')
  })

  test.for([
    ['who does not ask for it', {}, { listen: undefined }],
    ['who has begun a job', {}, {}, 1],
    ['who stops', {}, { stop: true }],
  ] as [string, object, object, number?][])('is not one %s', async ([, settings, request, jobs = 0], { house }) => {
    const queue = await house.queue({ workers: 2, ...settings })
    if (jobs > 0) await house.jobs(queue, jobs)

    expect(await turn(house, randomUUID(), queue, request)).toMatchObject({ look_ms: null })
    expect(await listensUntil(house, queue)).toBeNull()
  })

  test('looks as often as others when a planned job is about to be due, of which nobody tells', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await turn(house, run, queue)
    await house.job(queue, { due: '1 second' })

    expect(await turn(house, run, queue)).toMatchObject({ look_ms: null })
    await house.db.query('delete from supaqueue.job where queue = $1', [queue])
    await house.job(queue, { due: '1 minute' })
    expect(await turn(house, run, queue)).toMatchObject({ look_ms: 1000 })
  })

  test('looks again at once when somebody relied on its looking and has yet to commit', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.jobs(queue, 1)
    await user.db.query('set constraints all immediate')

    expect(await turn(house, run, queue)).toMatchObject({ look_ms: 5 })
    expect(await listensUntil(house, queue)).toBeNull()
    await user.commit()
    expect(await house.take(run, queue)).toHaveLength(1)
  })

  test('is only the leader', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)

    expect(await turn(house, randomUUID(), queue)).toMatchObject({ look_ms: null, leader: false })
  })
})
