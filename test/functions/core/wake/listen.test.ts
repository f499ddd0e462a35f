import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const listensUntil = async (harness: Harness, queue: string): Promise<number | null> =>
  (await harness.db.query(
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

const turn = async (harness: Harness, run: string, queue: string, more = {}) =>
  await harness.turn(run, queue, { room: 5, listen: true, ...more }) as unknown as {
    look_ms: number | null
    leader: boolean
  }

describe('a leader that listens', () => {
  test('is told when to look again, and of each commit that brings work', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    const ear = (await another()).db

    expect(await turn(harness, run, queue)).toMatchObject({ look_ms: 1000, leader: true })
    expect(await listensUntil(harness, queue)).toBeGreaterThan(0)
    expect(await heard(ear, () => harness.jobs(queue, 3))).toEqual([queue])
    expect((await harness.take(run, queue)).length).toBe(2)
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('is told of nothing once that is over, and by nobody whose transaction is rolled back', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    await turn(harness, randomUUID(), queue)
    const ear = (await another()).db

    expect(
      await heard(ear, async () => {
        await harness.begin()
        await harness.jobs(queue, 1)
        await harness.rollback()
      }),
    ).toEqual([])
    await harness.db.query(`update supaqueue.heartbeat set listens_until = clock_timestamp() where queue = $1`, [queue])
    expect(await heard(ear, () => harness.jobs(queue, 1))).toEqual([])
  })

  test('writes no more often than once a second, whatever it is told', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await turn(harness, run, queue)
    const version = async () =>
      (await harness.db.query('select xmin::text from supaqueue.heartbeat where queue = $1', [queue])).rows[0].xmin
    const before = await version()
    await harness.db.query('begin')
    await harness.db.query(
      `update supaqueue.heartbeat set listens_until = clock_timestamp() + interval '2 seconds' where queue = $1`,
      [queue],
    )
    const fresh = await version()

    expect(await turn(harness, run, queue)).toMatchObject({ look_ms: 1000 })
    expect(await version()).toBe(fresh)
    expect(fresh).not.toBe(before)
    await harness.db.query('rollback')
  })

  test.for([
    ['who does not ask for it', {}, { listen: undefined }],
    ['who has begun a job', {}, {}, 1],
    ['who stops', {}, { stop: true }],
  ] as [string, object, object, number?][])('is not one %s', async ([, settings, request, jobs = 0], { harness }) => {
    const queue = await harness.queue({ workers: 2, ...settings })
    if (jobs > 0) await harness.jobs(queue, jobs)

    expect(await turn(harness, randomUUID(), queue, request)).toMatchObject({ look_ms: null })
    expect(await listensUntil(harness, queue)).toBeNull()
  })

  test('looks as often as others when a planned job is about to be due, of which nobody tells', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await turn(harness, run, queue)
    await harness.job(queue, { due: '1 second' })

    expect(await turn(harness, run, queue)).toMatchObject({ look_ms: null })
    await harness.db.query('delete from supaqueue.job where queue = $1', [queue])
    await harness.job(queue, { due: '1 minute' })
    expect(await turn(harness, run, queue)).toMatchObject({ look_ms: 1000 })
  })

  test('looks again at once when somebody relied on its looking and has yet to commit', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const user = await another()
    await user.begin()
    await user.jobs(queue, 1)
    await user.db.query('set constraints all immediate')

    expect(await turn(harness, run, queue)).toMatchObject({ look_ms: 5 })
    expect(await listensUntil(harness, queue)).toBeNull()
    await user.commit()
    expect(await harness.take(run, queue)).toHaveLength(1)
  })

  test('is only the leader', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)

    expect(await turn(harness, randomUUID(), queue)).toMatchObject({ look_ms: null, leader: false })
  })
})
