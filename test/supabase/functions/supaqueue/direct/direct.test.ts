import { describe, expect, test } from 'vitest'
import type { SupaqueueError } from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { type Client, type Connect, directOr } from '../../../../../supabase/functions/supaqueue/direct/direct.ts'
import type { TurnRequest } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { makeClock } from '../support/clock.ts'

const request = { run: 'r' } as TurnRequest
const withWork = { jobs: [{}] }
const without = { jobs: [] }

type Isolate = Parameters<typeof directOr>[1]['isolate']

/** A run's transport between a Data API and a driver that both say which of them was asked. */
function makeStage({ url = 'postgres://u:p@localhost/postgres', connect, isolate = { directAfter: 0 } as Isolate }: {
  url?: string
  connect?: Connect
  isolate?: Isolate
} = {}) {
  const clock = makeClock()
  const stage = {
    clock,
    isolate,
    asked: [] as string[],
    warnings: [] as SupaqueueError[],
    answer: without as unknown,
    connections: 0,
    ended: 0,
    statements: [] as Parameters<Client['query']>[0][],
    /** What the next statement does. */
    query: () => Promise.resolve(stage.answer),
    lose: (_reason: Error): void => {},
  }
  const usual: Connect = (_, onLost) => {
    stage.connections++
    stage.lose = onLost
    return Promise.resolve({
      async query(statement) {
        stage.asked.push('direct')
        stage.statements.push(statement)
        return { rows: [{ answer: await stage.query() }] }
      },
      end: () => {
        stage.ended++
        return Promise.resolve()
      },
    })
  }
  const rpc = () => {
    stage.asked.push('rpc')
    return Promise.resolve(stage.answer)
  }
  const transport = directOr(rpc, {
    url,
    connect: connect ?? usual,
    now: clock.now,
    after: clock.after,
    warn: (error) => stage.warnings.push(error),
    isolate,
  })
  return Object.assign(stage, {
    transport,
    async turn(answer: unknown = without) {
      stage.answer = answer
      const got = await transport.ask(request)
      await clock.settle()
      return got
    },
  })
}

describe('a run opens a connection', () => {
  test('once a turn has brought it work, and takes its turns over it', async () => {
    const stage = makeStage()

    await stage.turn()
    const before = stage.connections
    await stage.turn(withWork)
    const answers = [await stage.turn(withWork), await stage.turn()]

    expect([before, stage.connections]).toEqual([0, 1])
    expect(stage.asked).toEqual(['rpc', 'rpc', 'direct', 'direct'])
    expect(answers).toEqual([withWork, without])
    expect(stage.statements[0]).toMatchObject({
      name: 'supaqueue_turn',
      values: [JSON.stringify(request)],
    })
  })

  test('and prepares nothing where the connection is somebody else’s after each transaction', async () => {
    const stage = makeStage({ url: 'postgres://u:p@localhost:6543/postgres' })

    await stage.turn(withWork)
    await stage.turn()

    expect(stage.statements).toEqual([{
      text: expect.stringMatching(/^set transaction .*set local statement_timeout/),
    }])
  })

  test.each(['26000', '42P05'])(
    'and from then on, where a pooler says so by %s: the statement was not carried out, and is said again',
    async (code) => {
      const stage = makeStage()
      await stage.turn(withWork)
      stage.query = () => {
        stage.query = () => Promise.resolve('the answer')
        return Promise.reject(Object.assign(new Error('prepared statement'), { severity: 'ERROR', code }))
      }

      const first = await stage.turn()
      await stage.turn()

      expect(first).toBe('the answer')
      expect(stage.statements.map(({ name }) => name)).toEqual(['supaqueue_turn', undefined, undefined])
      expect([stage.isolate.pooled, stage.warnings]).toEqual([true, []])
    },
  )

  test('and without options, where a pooler takes none; any other refusal stands', async () => {
    const asked: (string | undefined)[] = []
    const stage = makeStage({
      connect({ options }) {
        asked.push(options)
        return Promise.reject(
          Object.assign(new Error('unsupported startup parameter: options'), { severity: 'FATAL', code: '08P01' }),
        )
      },
    })

    await stage.turn(withWork)

    expect(asked).toEqual([expect.stringContaining('statement_timeout=8s'), undefined])
    expect(stage.warnings).toMatchObject([{ code: 'SQ504' }])
  })

  test('waits for none: turns go by the Data API until it is there', async () => {
    let open = (_: Client): void => {}
    const stage = makeStage({ connect: () => new Promise((resolve) => open = resolve) })

    await stage.turn(withWork)
    await stage.turn(withWork)
    open({ query: () => Promise.resolve({ rows: [{ answer: 'over it' }] }), end: () => Promise.resolve() })
    await stage.clock.settle()

    expect(stage.asked).toEqual(['rpc', 'rpc'])
    expect(await stage.turn()).toBe('over it')
  })

  test('gives it back when no turn was taken for five seconds, and opens another with the next work', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    await stage.turn()

    await stage.clock.advance(4999)
    const early = stage.ended
    await stage.clock.advance(1)
    await stage.turn(withWork)
    await stage.turn()

    expect([early, stage.ended, stage.connections]).toEqual([0, 1, 2])
    expect(stage.asked).toEqual(['rpc', 'direct', 'rpc', 'direct'])
    expect(stage.warnings).toEqual([])
  })

  test('asks it for one turn at a time, and for the next one even when that failed', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    let end = (_: Error): void => {}
    stage.query = () => new Promise((_, reject) => end = reject)

    const first = stage.transport.ask(request).catch((reason) => reason.code)
    const second = stage.transport.ask(request)
    await stage.clock.settle()
    const asked = stage.statements.length
    stage.query = () => Promise.resolve('the second answer')
    end(Object.assign(new Error('too late'), { severity: 'ERROR', code: '57014' }))

    expect([asked, await first, await second]).toEqual([1, '57014', 'the second answer'])
  })

  test('never ends it under a turn, however long that takes', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.query = () => stage.clock.sleep(8000).then(() => withWork)

    const turn = stage.transport.ask(request)
    await stage.clock.advance(8000)

    expect(await turn).toEqual(withWork)
    expect(stage.ended).toBe(0)
  })

  test('and none is left when the run is over, not even one that comes later', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.transport.close()
    let late = (_: Client): void => {}
    const other = makeStage({ connect: () => new Promise((resolve) => late = resolve) })
    await other.turn(withWork)
    other.transport.close()
    let ended = 0
    late({ query: () => Promise.reject(new Error('nobody should ask')), end: () => Promise.resolve(void ended++) })
    await other.clock.settle()

    expect([stage.ended, ended]).toEqual([1, 1])
    expect([stage.clock.timers(), other.clock.timers()]).toEqual([0, 0])
  })
})

describe('an error of the connection is shown, and turns go by the Data API', () => {
  const fails: [string, Parameters<typeof makeStage>[0]][] = [
    ['it cannot be made', { connect: () => Promise.reject(new Error('ECONNREFUSED')) }],
    ['the driver is not there', { connect: () => Promise.reject(new TypeError('Cannot find module pg')) }],
    ['the URL is none', { url: 'not a url' }],
  ]
  test.each(fails)('when %s', async (_, options) => {
    const stage = makeStage(options)

    await stage.turn(withWork)
    await stage.turn(withWork)

    expect(stage.asked).toEqual(['rpc', 'rpc'])
    expect(stage.warnings).toMatchObject([{ code: expect.stringMatching(/^SQ/), hint: expect.stringContaining('.') }])
  })

  test.each([
    ['breaks', new Error('Connection terminated unexpectedly')],
    [
      'is ended by the server',
      Object.assign(new Error('terminating connection'), { severity: 'FATAL', code: '57P01' }),
    ],
  ])('when it %s under a turn: that one failed, and whether it was carried out is unknown', async (_, reason) => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.query = () => Promise.reject(reason)

    await expect(stage.transport.ask(request)).rejects.toMatchObject({ code: 'SQ503', details: { passing: true } })
    await stage.turn(withWork)

    expect(stage.asked).toEqual(['rpc', 'direct', 'rpc'])
    expect(stage.warnings).toMatchObject([{ code: 'SQ504', message: expect.stringContaining(reason.message) }])
    expect(stage.ended).toBe(1)
  })

  test('when a turn is not answered in time', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.query = () => new Promise(() => {})

    const failed = stage.transport.ask(request).catch((reason) => reason)
    await stage.clock.advance(10_000)

    expect(await failed).toMatchObject({ code: 'SQ503', message: expect.stringContaining('10000 ms') })
    expect(stage.ended).toBe(1)
  })

  test('when it breaks between two turns: none has failed', async () => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.lose(new Error('the server went away'))

    await stage.turn()

    expect(stage.asked).toEqual(['rpc', 'rpc'])
    expect(stage.warnings).toMatchObject([{ code: 'SQ504', message: expect.stringContaining('went away') }])
  })

  test('for a minute; then it is tried again, by whatever run of the isolate', async () => {
    const isolate = { directAfter: 0 }
    const first = makeStage({ isolate, connect: () => Promise.reject(new Error('away')) })
    await first.turn(withWork)
    const second = makeStage({ isolate })

    await second.turn(withWork)
    await second.clock.advance(59_999)
    await second.turn(withWork)
    const early = second.connections
    await second.clock.advance(1)
    await second.turn(withWork)

    expect([early, second.connections]).toEqual([0, 1])
  })
})

describe('an error of the statement is the turn’s own, and the connection stays', () => {
  test.each([
    ['57014', 'SQ-none', '57014', true],
    ['SQ422', 'what to do', 'SQ422', true],
    ['42883', '', 'SQ404', false],
    ['42501', '', 'SQ403', false],
  ])('%s', async (code, hint, shown, passing) => {
    const stage = makeStage()
    await stage.turn(withWork)
    stage.query = () =>
      Promise.reject(Object.assign(new Error('supaqueue_turn happened'), { severity: 'ERROR', code, hint }))

    await expect(stage.transport.ask(request)).rejects.toMatchObject({
      code: shown,
      details: { passing },
      hint: expect.stringMatching(/./),
    })
    stage.query = () => Promise.resolve(without)
    await stage.turn()

    expect(stage.asked).toEqual(['rpc', 'direct', 'direct'])
    expect(stage.warnings).toEqual([])
  })
})
