import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a null in a new job takes the default of its column', async ({ harness }) => {
  const queue = await harness.queue()

  const { rows: [job] } = await harness.db.query(
    `insert into supaqueue.job (queue, payload, attempts, priority, run_at, created_at) values ($1, null, null, null, null, null)
     returning payload, attempts, priority, run_at = now() as due, created_at = now() as now, status`,
    [queue],
  )

  expect(job).toEqual({ payload: {}, attempts: 0, priority: 0, due: true, now: true, status: 'pending' })
})

// What the Data API says of a request: settings of its transaction.
describe('a null status', () => {
  test.for(
    [
      ['held', 'in SQL', '', ''],
      ['pending', 'of a request for the table', '/job', '{"prefer":"return=minimal"}'],
      ['pending', 'of a request for a view of it', '/my_jobs', '{}'],
      [
        'pending',
        'of a request whose other headers ask for defaults',
        '/job',
        '{"prefer":"","x-prefer":"missing=default"}',
      ],
      [
        'held',
        'of a request that asks for defaults',
        '/job',
        '{"accept": "*/*", "prefer": "return=minimal,missing=default"}',
      ],
      ['held', 'of a function that is called by RPC', '/rpc/hold', '{}'],
    ] as const,
  )('is %s %s', async ([status, , path, headers], { harness }) => {
    const queue = await harness.queue()
    await harness.db.query('begin')
    await harness.db.query(`select set_config('request.path', $1, true), set_config('request.headers', $2, true)`, [
      path,
      headers,
    ])

    const job = await harness.job(queue, { status: null })
    await harness.db.query('commit')

    expect((await harness.jobRow(job)).status).toBe(status)
  })
})
