import { createHmac, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { makeCaller } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import type { Claim, QueueRow } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { callerDeps, queueRow, webhookSecret } from '../support/calling.ts'
import { type Heard, serve, type Server } from '../support/server.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const call = randomUUID()
const claims = (...jobs: Partial<Claim['job']>[]): [Claim, ...Claim[]] =>
  jobs.map((job, i) => ({
    current_job: { id: `00000000-0000-4000-8000-00000000000${i}`, call },
    job: { id: i + 1, payload: '{}', attempts: 1, ...job },
  })) as [Claim, ...Claim[]]

const answerAll = (response: ServerResponse, { body }: Heard) =>
  response.end(
    JSON.stringify(JSON.parse(body).map(({ id }: { id: number }) => ({ id, outcome: 'complete', result: id }))),
  )

async function callBatch(
  batch: [Claim, ...Claim[]],
  { queue = {}, answer = answerAll, toUrl = false }: {
    queue?: Partial<QueueRow>
    answer?: (response: ServerResponse, heard: Heard) => unknown
    toUrl?: boolean
  } = {},
) {
  const server = await serve(answer)
  servers.push(server)
  const caller = makeCaller(callerDeps({ functionsUrl: server.url }))
  const row = queueRow(toUrl ? { url: `${server.url}/bulk`, ...queue } : queue)
  const called = await caller(row, { supaqueue_webhook_secret: webhookSecret })(...batch)
  return { ...called, heard: server.heard }
}

describe('the call of a batch', () => {
  test('brings a list: what each job is, by which token and key, and its payload letter by letter', async () => {
    const { heard, outcomes } = await callBatch(
      claims({ payload: '{"n": 12345678901234567890}' }, {
        attempts: 2,
        version: 3,
        state: '{"page": 1.0}',
        max_attempts: 9,
      }),
    )

    expect(heard).toHaveLength(1)
    const key = (n: number) => `b5a6b9c2-0f0f-4c7a-9a55-111111111111-${n}`
    expect(heard[0]!.body).toBe(
      `[{"id":1,"attempt":1,"max_attempts":3,"current_job":"00000000-0000-4000-8000-000000000000","idempotency_key":"${
        key(1)
      }","payload":{"n": 12345678901234567890}},` +
        `{"id":2,"attempt":2,"max_attempts":9,"current_job":"00000000-0000-4000-8000-000000000001","idempotency_key":"${
          key(2)
        }","version":3,"payload":{},"state":{"page": 1.0}}]`,
    )
    expect(outcomes).toMatchObject([{ outcome: 'success', result: 1 }, { outcome: 'success', result: 2 }])
  })

  test('has one id, which is that of the call, and no header of one of its jobs', async () => {
    const { heard } = await callBatch(claims({}, {}, {}), { toUrl: true })
    const { headers, body } = heard[0]!

    expect(headers['webhook-id']).toBe(`b5a6b9c2-0f0f-4c7a-9a55-111111111111-${call}`)
    expect(headers).toMatchObject({ 'supaqueue-batch': call, 'supaqueue-batch-size': '3' })
    expect(headers).not.toHaveProperty('supaqueue-job-id')
    expect(headers).not.toHaveProperty('supaqueue-current-job')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const key = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64')
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  })

  test('may take as long as the one of its jobs that may take longest', async () => {
    const { outcomes } = await callBatch(claims({ timeout_ms: 30 }, { timeout_ms: 20 }), {
      queue: { timeout_ms: 10 },
      answer: () => {},
    })
    expect(outcomes[0]).toMatchObject({ outcome: 'divided', error: expect.stringContaining('within 30 ms') })
    expect(outcomes).toHaveLength(2)
  })

  test('brings a list to a queue with batches though there is one job', async () => {
    const { heard, outcomes } = await callBatch(claims({ payload: '7' }))
    expect(JSON.parse(heard[0]!.body)).toMatchObject([{ id: 1, payload: 7 }])
    expect(outcomes).toMatchObject([{ outcome: 'success' }])
  })

  test('is not made by a method without a body', async () => {
    const { heard, outcomes } = await callBatch(claims({ method: 'GET' }, { method: 'GET' }), { toUrl: true })
    expect(heard).toEqual([])
    expect(outcomes).toMatchObject([{ outcome: 'killed' }, { outcome: 'killed' }])
  })

  test('reads of its answer as much as all its jobs may say', async () => {
    const result = 'x'.repeat(60_000)
    const { outcomes } = await callBatch(claims(...Array.from({ length: 20 }, () => ({}))), {
      answer: (response, { body }) =>
        response.end(JSON.stringify(JSON.parse(body).map(() => ({ outcome: 'complete', result })))),
    })
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['success']))
  })
})
