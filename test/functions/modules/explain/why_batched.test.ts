import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const why = async (harness: Harness, job: number) =>
  (await harness.db.query('select supaqueue.explain($1) as said', [job])).rows[0].said

describe('why_batched', () => {
  test('says how far a batch has filled, and when it is called at the latest', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 5, batch_wait_ms: 60_000 })
    await harness.turn(randomUUID(), queue)
    const [job] = await harness.jobs(queue, 3)

    const { text, reasons } = await why(harness, job!)

    expect(text).toMatch(/its batch has 3 of 5 jobs, and is called in (60|5\d) s at the latest/)
    expect(reasons[0]).toMatchObject({ code: 'batch', jobs: 3, batch_size: 5 })
  })

  test('says of a job of a call that died how many may come with it', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 5 })
    const job = await harness.job(queue)
    await harness.update('job', job, { batch_limit: 1 })
    expect((await why(harness, job)).text).toContain('died; it is called alone')

    await harness.update('job', job, { batch_limit: 3 })
    expect((await why(harness, job)).text).toContain('with 2 others at most')
  })

  test('says nothing of a batch that is full, and of a queue without batches', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 2, batch_wait_ms: 60_000 })
    const [job] = await harness.jobs(queue, 2)
    const codes = async (id: number) => (await why(harness, id)).reasons.map(({ code }: { code: string }) => code)
    expect(await codes(job!)).not.toContain('batch')
    expect(await codes(await harness.job(await harness.queue({ batch_wait_ms: 60_000 })))).not.toContain('batch')
  })
})

describe('explain', () => {
  test('says of a job that runs in how large a call it does', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 5 })
    const [job] = await harness.jobs(queue, 3)
    await harness.take(randomUUID(), queue)

    expect((await why(harness, job!)).text).toContain('in a call of 3 jobs')
  })
})
