import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

/** A queue with as many jobs as workers, of payloads that have so many letters each. */
async function queueOf(harness: Harness, letters: number[], text = (length: number) => 'x'.repeat(length)) {
  const queue = await harness.queue({ workers: letters.length })
  await harness.turn(run, queue)
  const jobs: number[] = []
  for (const length of letters) jobs.push(await harness.job(queue, { payload: { text: text(length) } }))
  return { queue, jobs }
}

const MB = 1_000_000

describe('a turn', () => {
  test('brings no more payload than was asked for, and the rest with the next ones', async ({ harness }) => {
    const { queue, jobs } = await queueOf(harness, [MB, MB, MB, MB, MB])

    const turns = []
    for (let turn = 0; turn < 4; turn++) {
      const answer = await harness.turn(run, queue, { room: 5, max_bytes: 2.5 * MB })
      turns.push(answer.jobs.map(({ job }) => job.id))
    }

    expect(turns).toEqual([jobs.slice(0, 2), jobs.slice(2, 4), jobs.slice(4), []])
  })

  test('brings 4 MB when nothing is said', async ({ harness }) => {
    const { queue } = await queueOf(harness, Array(6).fill(MB))

    expect((await harness.turn(run, queue, { room: 6 })).jobs).toHaveLength(3)
  })

  test('brings one job whatever its size', async ({ harness }) => {
    const { queue, jobs } = await queueOf(harness, [MB, MB])

    expect((await harness.turn(run, queue, { room: 2, max_bytes: 65_536 })).jobs).toMatchObject([{
      job: { id: jobs[0] },
    }])
    expect((await harness.turn(run, queue, { room: 2, max_bytes: 65_536 })).jobs).toMatchObject([{
      job: { id: jobs[1] },
    }])
  })

  test('counts what payloads unfold to, and states', async ({ harness }) => {
    const { queue } = await queueOf(harness, Array(12).fill(0), () => ' '.repeat(MB))

    expect((await harness.turn(run, queue, { room: 12, max_bytes: 3 * MB })).jobs).toHaveLength(2)
  })

  test('uses no attempt for what it leaves, and lets another run have it at once', async ({ harness }) => {
    const { queue, jobs } = await queueOf(harness, [MB, MB])
    await harness.turn(run, queue, { room: 2, max_bytes: 65_536 })

    expect(await harness.currentJob(jobs[1]!)).toMatchObject({ dispatcher: null, begun_at: null, called: false })
    const other = randomUUID()
    expect((await harness.take(other, queue)).map(({ job }) => [job.id, job.attempts])).toEqual([[jobs[1], 1]])
  })

  test('brings after a lost answer no more than it would have', async ({ harness }) => {
    const { queue, jobs } = await queueOf(harness, [MB, MB, MB])
    await harness.turn(run, queue, { room: 3 })

    const again = await harness.turn(run, queue, { room: 1, max_bytes: 65_536, have: [] })

    expect(again.jobs.map(({ job }) => job.id)).toEqual(jobs.slice(0, 1))
  })
})
