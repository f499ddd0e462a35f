import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

/** A task of three payloads: of a queue, or of a task type of its own. */
const taken = (
  harness: Harness,
  task_type: string = randomUUID(),
): Promise<{ task_id: string; message_ids: number[] }> =>
  ask(harness, 'take_task', {
    task: {
      item_id: 'item-1',
      task_type,
      max_retries: 3,
      url: 'https://api.example.com/',
      payloads: [{ data: { n: 0 } }, { data: { n: 1 } }, { data: { n: 2 } }],
    },
    may_open: true,
  })

const statusesOf = async (
  harness: Harness,
  task: string,
): Promise<Record<string, unknown>[]> => (await ask(harness, 'show_task', { task })).statuses

describe('show_task', () => {
  test('has a row for each payload, in their order, with the nine fields', async ({ harness }) => {
    const task_type = randomUUID()
    const { task_id, message_ids } = await taken(harness, task_type)

    const shown = await ask(harness, 'show_task', { task: task_id })

    expect(shown.task_id).toBe(task_id)
    expect(shown.statuses).toEqual([0, 1, 2].map((n) => ({
      message_id: message_ids[n],
      item_id: 'item-1',
      task_type,
      payload: { n },
      status: 'pending',
      error: '',
      attempt: 0,
      updated_at: expect.any(String),
      payload_id: n,
    })))
  })

  test.for(
    [
      ['held', 0, null, 'pending', '', 0],
      ['pending', 2, 'HTTP 500', 'pending', 'HTTP 500', 1],
      ['in_progress', 1, null, 'pending', '', 0],
      ['success', 1, null, 'success', '', 0],
      ['failed', 4, 'no answer within 5000 ms', 'failed', 'timeout', 3],
      ['failed', 4, 'HTTP 500: no', 'failed', 'HTTP 500: no', 3],
      ['failed', 1, null, 'failed', 'failed', 0],
      ['cancelled', 0, null, 'failed', 'cancelled', 0],
    ] as const,
  )(
    'shows %s after %s attempts with the error %j as %s, %j, %s retries',
    async (
      [status, attempts, error, word, shown, attempt],
      { harness, another },
    ) => {
      const { task_id, message_ids } = await taken(harness)
      const admin = await another('admin')
      await admin.db.query('set session_replication_role = replica')
      await admin.db.query(
        'update supaqueue.job set status = $2, attempts = $3, error = $4 where id = $1',
        [
          message_ids[1],
          status,
          attempts,
          error,
        ],
      )

      expect((await statusesOf(harness, task_id))[1]).toMatchObject({
        status: word,
        error: shown,
        attempt,
      })
    },
  )

  test('shows the copy of a message that was reprocessed, and not the message', async ({ harness }) => {
    const { task_id, message_ids } = await taken(harness)
    await harness.update('job', message_ids[2]!, {
      status: 'failed',
      attempts: 4,
    })
    const { message_ids: [copy] } = await ask(harness, 'reprocess_tasks', {
      request: { task_id },
    })

    const statuses = await statusesOf(harness, task_id)

    expect(statuses.map(({ message_id }) => message_id)).toEqual([
      message_ids[0],
      message_ids[1],
      copy,
    ])
    expect(statuses[2]).toMatchObject({
      status: 'pending',
      attempt: 0,
      error: '',
      payload_id: 2,
      payload: { n: 2 },
    })
  })

  test('refuses a task that is not there', async ({ harness }) => {
    expect(
      (await refusal(ask(harness, 'show_task', { task: randomUUID() }))).code,
    ).toBe('SQ404')
  })
})
