import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

/** A task of two payloads, the second of which has failed. */
const failed = async (harness: Harness, task_type: string) => {
  const task = {
    task_type,
    url: 'https://api.example.com/',
    payloads: [{ data: 1 }, { data: 2 }],
  }
  const { task_id, message_ids } = await ask(harness, 'take_task', {
    task,
    may_open: true,
  })
  await harness.update('job', message_ids[1], { status: 'failed', attempts: 4 })
  return { task_id, message: message_ids[1] as number }
}

const reprocess = (harness: Harness, request: object) => ask(harness, 'reprocess_tasks', { request })

describe('reprocess_tasks', () => {
  test('enqueues the failed messages of a task type anew, under new ids, once', async ({ harness }) => {
    const task_type = randomUUID()
    const [one, other] = [
      await failed(harness, task_type),
      await failed(harness, task_type),
    ]
    await failed(harness, randomUUID())

    const done = await reprocess(harness, { task_type })

    expect(done.reprocessed_count).toBe(2)
    const { rows } = await harness.db.query(
      'select retry_of, status from supaqueue.job where id = any ($1) order by id',
      [
        done.message_ids,
      ],
    )
    expect(rows).toEqual([
      { retry_of: one.message, status: 'pending' },
      { retry_of: other.message, status: 'pending' },
    ])
    expect(await reprocess(harness, { task_type })).toEqual({
      reprocessed_count: 0,
      message_ids: [],
    })
  })

  test('enqueues those of one task anew, and leaves others of its type alone', async ({ harness }) => {
    const task_type = randomUUID()
    const [one] = [
      await failed(harness, task_type),
      await failed(harness, task_type),
    ]

    expect(
      (await reprocess(harness, { task_id: one.task_id, task_type }))
        .reprocessed_count,
    ).toBe(1)
  })

  test.for(
    [
      ['task', { task_id: randomUUID() }, 'SQ404'],
      ['task type', { task_type: randomUUID() }, 'SQ404'],
      ['neither', {}, 'SQ422'],
    ] as const,
  )('refuses a %s that is not there', async ([, request, code], { harness }) => {
    expect((await refusal(reprocess(harness, request))).code).toBe(code)
  })
})
