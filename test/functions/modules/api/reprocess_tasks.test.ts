import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

/** A task of two payloads, the second of which has failed. */
const failed = async (house: House, task_type: string) => {
  const task = {
    task_type,
    url: 'https://api.example.com/',
    payloads: [{ data: 1 }, { data: 2 }],
  }
  const { task_id, message_ids } = await ask(house, 'take_task', {
    task,
    may_open: true,
  })
  await house.update('job', message_ids[1], { status: 'failed', attempts: 4 })
  return { task_id, message: message_ids[1] as number }
}

const reprocess = (house: House, request: object) => ask(house, 'reprocess_tasks', { request })

describe('reprocess_tasks', () => {
  test('enqueues the failed messages of a task type anew, under new ids, once', async ({ house }) => {
    const task_type = randomUUID()
    const [one, other] = [
      await failed(house, task_type),
      await failed(house, task_type),
    ]
    await failed(house, randomUUID())

    const done = await reprocess(house, { task_type })

    expect(done.reprocessed_count).toBe(2)
    const { rows } = await house.db.query(
      'select retry_of, status from supaqueue.job where id = any ($1) order by id',
      [
        done.message_ids,
      ],
    )
    expect(rows).toEqual([
      { retry_of: one.message, status: 'pending' },
      { retry_of: other.message, status: 'pending' },
    ])
    expect(await reprocess(house, { task_type })).toEqual({
      reprocessed_count: 0,
      message_ids: [],
    })
  })

  test('enqueues those of one task anew, and leaves others of its type alone', async ({ house }) => {
    const task_type = randomUUID()
    const [one] = [
      await failed(house, task_type),
      await failed(house, task_type),
    ]

    expect(
      (await reprocess(house, { task_id: one.task_id, task_type }))
        .reprocessed_count,
    ).toBe(1)
  })

  test.for(
    [
      ['task', { task_id: randomUUID() }, 'SQ404'],
      ['task type', { task_type: randomUUID() }, 'SQ404'],
      ['neither', {}, 'SQ422'],
    ] as const,
  )('refuses a %s that is not there', async ([, request, code], { house }) => {
    expect((await refusal(reprocess(house, request))).code).toBe(code)
  })
})
