import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const why = async (house: House, job: number) =>
  (await house.db.query('select supaqueue.explain($1) as said', [job])).rows[0].said

describe('why_batched', () => {
  test('says how far a batch has filled, and when it is called at the latest', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 5, batch_wait_ms: 60_000 })
    await house.turn(randomUUID(), queue)
    const [job] = await house.jobs(queue, 3)

    const { text, reasons } = await why(house, job!)

    expect(text).toMatch(/its batch has 3 of 5 jobs, and is called in (60|5\d) s at the latest/)
    expect(reasons[0]).toMatchObject({ code: 'batch', jobs: 3, batch_size: 5 })
  })

  test('says of a job of a call that died how many may come with it', async ({ house }) => {
    const queue = await house.queue({ batch_size: 5 })
    const job = await house.job(queue)
    await house.update('job', job, { batch_limit: 1 })
    expect((await why(house, job)).text).toContain('died; it is called alone')

    await house.update('job', job, { batch_limit: 3 })
    expect((await why(house, job)).text).toContain('with 2 others at most')
  })

  test('says nothing of a batch that is full, and of a queue without batches', async ({ house }) => {
    const queue = await house.queue({ batch_size: 2, batch_wait_ms: 60_000 })
    const [job] = await house.jobs(queue, 2)
    const codes = async (id: number) => (await why(house, id)).reasons.map(({ code }: { code: string }) => code)
    expect(await codes(job!)).not.toContain('batch')
    expect(await codes(await house.job(await house.queue({ batch_wait_ms: 60_000 })))).not.toContain('batch')
  })
})

describe('explain', () => {
  test('says of a job that runs in how large a call it does', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 5 })
    const [job] = await house.jobs(queue, 3)
    await house.take(randomUUID(), queue)

    expect((await why(house, job!)).text).toContain('in a call of 3 jobs')
  })
})
