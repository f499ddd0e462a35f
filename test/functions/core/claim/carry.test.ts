import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

/** A queue with as many jobs as workers, of payloads that have so many letters each. */
async function queueOf(house: House, letters: number[], text = (length: number) => 'x'.repeat(length)) {
  const queue = await house.queue({ workers: letters.length })
  await house.turn(run, queue)
  const jobs: number[] = []
  for (const length of letters) jobs.push(await house.job(queue, { payload: { text: text(length) } }))
  return { queue, jobs }
}

const MB = 1_000_000

describe('a turn', () => {
  test('brings no more payload than was asked for, and the rest with the next ones', async ({ house }) => {
    const { queue, jobs } = await queueOf(house, [MB, MB, MB, MB, MB])

    const turns = []
    for (let turn = 0; turn < 4; turn++) {
      const answer = await house.turn(run, queue, { room: 5, max_bytes: 2.5 * MB })
      turns.push(answer.jobs.map(({ job }) => job.id))
    }

    expect(turns).toEqual([jobs.slice(0, 2), jobs.slice(2, 4), jobs.slice(4), []])
  })

  test('brings 4 MB when nothing is said', async ({ house }) => {
    const { queue } = await queueOf(house, Array(6).fill(MB))

    expect((await house.turn(run, queue, { room: 6 })).jobs).toHaveLength(3)
  })

  test('brings one job whatever its size', async ({ house }) => {
    const { queue, jobs } = await queueOf(house, [MB, MB])

    expect((await house.turn(run, queue, { room: 2, max_bytes: 65_536 })).jobs).toMatchObject([{
      job: { id: jobs[0] },
    }])
    expect((await house.turn(run, queue, { room: 2, max_bytes: 65_536 })).jobs).toMatchObject([{
      job: { id: jobs[1] },
    }])
  })

  test('counts what payloads unfold to, and states', async ({ house }) => {
    const { queue } = await queueOf(house, Array(12).fill(0), () => ' '.repeat(MB))

    expect((await house.turn(run, queue, { room: 12, max_bytes: 3 * MB })).jobs).toHaveLength(2)
  })

  test('uses no attempt for what it leaves, and lets another run have it at once', async ({ house }) => {
    const { queue, jobs } = await queueOf(house, [MB, MB])
    await house.turn(run, queue, { room: 2, max_bytes: 65_536 })

    expect(await house.currentJob(jobs[1]!)).toMatchObject({ dispatcher: null, begun_at: null, called: false })
    const other = randomUUID()
    expect((await house.take(other, queue)).map(({ job }) => [job.id, job.attempts])).toEqual([[jobs[1], 1]])
  })

  test('brings after a lost answer no more than it would have', async ({ house }) => {
    const { queue, jobs } = await queueOf(house, [MB, MB, MB])
    await house.turn(run, queue, { room: 3 })

    const again = await house.turn(run, queue, { room: 1, max_bytes: 65_536, have: [] })

    expect(again.jobs.map(({ job }) => job.id)).toEqual(jobs.slice(0, 1))
  })
})
