import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from '../../modules/audit/acts.ts'

// Each act on jobs, what it is done by, and what is written down of it.

test.for(
  [
    ['failed', 'retry($1)', { act: 'retry', before: { status: 'failed', attempts: 3 } }],
    ['pending', 'cancel($1)', { act: 'cancel', before: { status: 'pending' } }],
    ['pending', 'hold($1)', { act: 'hold' }],
    ['held', 'release($1)', { act: 'release' }],
    ['pending', 'run_now($1)', { act: 'run now', before: { run_at: expect.any(String) } }],
    [
      'pending',
      `snooze($1, '2100-01-01')`,
      { act: 'snooze', after: { run_at: expect.stringMatching(/^2(099|100)-/) } },
    ],
  ] as const,
)('of a %s job, %s is written down', async ([status, call, told], { harness }) => {
  const queue = await harness.queue({ workers: 0 })
  const job = await harness.job(queue, { status, ...(status === 'failed' && { attempts: 3 }) })

  await harness.db.query(`select supaqueue.${call}`, [job])

  expect((await acts(harness, queue)).at(-1)).toMatchObject({ ...told, job, role: 'service_role' })
})

test.for(['cancel', 'release', 'hold'])('%s that changes nothing is not written down', async (act, { harness }) => {
  const queue = await harness.queue({ workers: 0 })
  const job = await harness.job(queue, { status: act === 'cancel' ? 'success' : act === 'hold' ? 'held' : 'pending' })
  const before = await acts(harness, queue)

  await harness.db.query(`select supaqueue.${act}($1)`, [job])

  expect(await acts(harness, queue)).toEqual(before)
})

test('many at once are one line, with how many; no payload is in it', async ({ harness }) => {
  const queue = await harness.queue({ workers: 0 })
  for (let n = 0; n < 3; n++) await harness.job(queue, { payload: { card: '4111' } })

  await harness.db.query(`select supaqueue.cancel_where($1, '{"status": "pending", "payload": {"card": "4111"}}')`, [
    queue,
  ])
  await harness.db.query('select supaqueue.cancel_where($1)', [queue])
  await harness.db.query('select supaqueue.truncate_queue($1)', [queue])

  const [cancelled, emptied] = (await acts(harness, queue)).slice(-2)
  expect(cancelled).toMatchObject({ act: 'cancel', jobs: 3, after: { filter: { status: 'pending', payload: '…' } } })
  expect(emptied).toMatchObject({ act: 'truncate queue', jobs: 3 })
})
