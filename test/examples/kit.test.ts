import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { continued, token } from '../supabase/functions/_shared/supaqueue/support/call.ts'
import { type Project, project } from '../supabase/functions/_shared/supaqueue/support/project.ts'

// The examples that use the kit, each in a Deno of its own.

let host: Project

beforeAll(async () => {
  host = await project(fileURLToPath(new URL('../../examples/supabase/functions', import.meta.url)))
})

beforeEach(() => void host.reports.splice(0))

afterAll(() => host?.stop())

test.each([['send-welcome'], ['import-rows'], ['render-report'], ['await-payment'], ['fulfil-order']])(
  '%s lets nobody in but supaqueue, and kills a job whose payload does not fit',
  async (name) => {
    const stranger = await host.call(name, { secrets: ['the secret of somebody else'] })
    const misfit = await host.call(name, { payload: 'nothing that it knows' })

    expect([stranger.status, stranger.body.code]).toEqual([401, 'SQ401'])
    expect([misfit.status, misfit.outcome]).toEqual([422, 'kill'])
  },
)

describe('send-welcome', () => {
  test('sends once, whatever the attempt, and tells where to', async () => {
    const payload = { email: 'ada@example.com', name: 'Ada' }

    const answers = [await host.call('send-welcome', { payload }), await host.call('send-welcome', { payload })]

    const answer = { status: 200, outcome: 'complete', body: { sent_to: 'ada@example.com', number: 1 } }
    expect(answers).toEqual([answer, answer])
  })
})

describe('import-rows', () => {
  const payload = { rows: [{ amount: 1 }, { amount: 2 }, { amount: 4 }], at_once: 2 }

  test('does a slice, tells how far it is, and hands on where it stopped', async () => {
    const { outcome, body } = await host.call('import-rows', { payload })

    expect({ outcome, body }).toEqual({ outcome: 'continue', body: { state: { next: 2, total: 3 } } })
    const [{ name, headers, args }] = host.reports as [Project['reports'][number]]
    expect({ name, args }).toEqual({
      name: 'progress',
      args: { token, percent: expect.closeTo(66.7, 1), note: '2 of 3 rows' },
    })
    expect(headers).toMatchObject({ apikey: 'sb_secret_default', 'content-profile': 'supaqueue' })
    expect(headers).not.toHaveProperty('authorization')
  })

  test('goes on from there, and ends with the result', async () => {
    const answer = await host.call('import-rows', continued(payload, { next: 2, total: 3 }))

    expect(answer).toEqual({ status: 200, outcome: 'complete', body: { imported: 3, total: 7 } })
  })

  test('does not go on from a state that it does not know', async () => {
    const answer = await host.call('import-rows', continued(payload, { page: 2 }))

    expect(answer).toMatchObject({ status: 422, outcome: 'kill' })
  })
})

describe('render-report', () => {
  test('answers at once, and finishes when the work is done', async () => {
    const answer = await host.call('render-report', { payload: { pages: 2, page_ms: 1 } })
    await until(() => host.reports.some(({ name }) => name === 'finish'))

    expect(answer).toEqual({ status: 202, outcome: 'later', body: { lease_ms: 60_000 } })
    expect(host.reports.map(({ name, args }) => ({ name, ...args }))).toEqual([
      { name: 'progress', token, percent: 50, note: 'page 1 of 2' },
      { name: 'progress', token, percent: 100, note: 'page 2 of 2' },
      { name: 'finish', token, outcome: 'complete', result: { pages: 2 } },
    ])
  })
})

describe('await-payment', () => {
  test.each<[string, object, object]>([
    ['waits until it may be paid', { paid_at: '2999-01-01T00:00:00Z' }, {
      outcome: 'reschedule',
      body: { at: '2999-01-01T00:00:00.000Z' },
    }],
    ['asks again in a minute when nobody knows', {}, { outcome: 'reschedule', body: { after_ms: 60_000 } }],
    ['gives up when it is refused', { refused: true }, {
      outcome: 'kill',
      body: { message: 'the bank refused the payment of order A1' },
    }],
    ['ends when it is paid', { paid_at: '2000-01-01T00:00:00Z' }, {
      outcome: 'complete',
      body: { order: 'A1', paid: true },
    }],
  ])('%s', async (_, payment, answer) => {
    expect(await host.call('await-payment', { payload: { order: 'A1', ...payment } })).toMatchObject(answer)
  })
})

describe('under the edge host, work in the background', () => {
  test('outlives a function that is retired, and hears when it is stopped for good', async () => {
    await host.call('render-report', { payload: { pages: 1_000_000, page_ms: 1 } })
    await until(() => host.reports.length > 0)
    host.edge.restart('render-report')
    const before = host.reports.length
    await until(() => host.reports.length > before)

    await host.edge.stop()

    expect(host.reports.at(-1)).toMatchObject({
      name: 'finish',
      args: { token, outcome: 'reject', message: 'the platform ends this function: termination' },
    })
  })
})
