import { describe, expect, test } from 'vitest'
import { fulfil } from '../../../examples/supabase/functions/fulfil-order/fulfil.ts'
import { testQueue } from '../../../supabase/functions/_shared/supaqueue/testing.ts'

const order = { id: 'A1', cents: 500, pages: ['cover', 'letter', 'map'] }

describe('fulfil-order', () => {
  test('prints when it is approved, and asks three days later, whatever dies on the way', async () => {
    const queue = testQueue(fulfil, { deaths: 'everywhere' })
    const job = queue.enqueue(order)

    await queue.run()
    await queue.advance('2 days')
    expect(job).toMatchObject({ status: 'pending', steps: [{ name: 'charge', status: 'done' }, { status: 'waiting' }] })
    await queue.signal(job, 'approval', { by: 'Ada', approved: true })
    expect(job.progress).toEqual({ percent: 100, note: 'print: 3 of 3' })
    await queue.advance('3 days')

    expect(job).toMatchObject({
      status: 'success',
      result: { shipped: true, charge: { id: 'ch_test-1-charge', cents: 500 } },
    })
    expect(job.steps.filter(({ status }) => status !== 'done')).toEqual([])
  })

  test.each([
    ['nobody answered', undefined],
    ['Ada said no', { by: 'Ada', approved: false }],
  ])('gives the money back when %s', async (why, answer) => {
    const queue = testQueue(fulfil)
    const job = queue.enqueue(order)
    await queue.run()

    if (answer) await queue.signal(job, 'approval', answer)
    else await queue.advance('1 week')

    expect(job).toMatchObject({ status: 'success', result: { shipped: false, why } })
    expect(job.steps.at(-1)).toMatchObject({ name: 'refund', result: { refunded: 'ch_test-1-charge' } })
  })
})
