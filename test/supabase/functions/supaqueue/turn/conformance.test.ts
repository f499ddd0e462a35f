import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ask, openDatabase } from '../../../../../supabase/functions/supaqueue/turn/transport.ts'
import type { Report, TurnRequest } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { harness } from '../../../../support/harness.ts'
import { type Pooler, startPooler } from '../../../../support/pooler.ts'
import { openProject, type Project } from '../support/project.ts'
import { turnAnswer } from './schema.ts'

// One contract, whatever brings a turn to the database.

let project: Project
let pooler: Pooler
beforeAll(async () => {
  project = await openProject()
  pooler = await startPooler(project.database.ownerUrl)
})
afterAll(async () => {
  await pooler?.close()
  await project?.close()
})

const withQuery = (url: string, query: string) => `${url}${url.includes('?') ? '&' : '?'}${query}`

const TRANSPORTS: [string, () => Ask | Promise<Ask>, refused: () => Ask | Promise<Ask>][] = [
  ['the Data API', () => project.overRpc(), () => project.overRpc(project.keys.publishable)],
  [
    'a connection',
    () => project.overConnection(project.database.ownerUrl),
    () => project.overConnection(project.database.authenticatorUrl),
  ],
  [
    'a pooler by transactions',
    () => project.overConnection(withQuery(pooler.by(project.database.ownerUrl), 'pgbouncer=true')),
    () => project.overConnection(withQuery(pooler.by(project.database.authenticatorUrl), 'pgbouncer=true')),
  ],
  [
    'such a pooler that nobody named',
    () => project.overConnection(pooler.by(project.database.ownerUrl)),
    () => project.overConnection(pooler.by(project.database.authenticatorUrl)),
  ],
]

describe.each(TRANSPORTS)('over %s', (_, open, openRefused) => {
  let ask: Ask
  let owner: ReturnType<typeof harness>
  beforeAll(async () => {
    ask = await open()
    owner = harness(await project.database.connect('owner'))
  })

  const turnOf = (queue: string, more: Partial<TurnRequest> = {}): TurnRequest => ({
    run: randomUUID(),
    queue,
    reports: [],
    room: 25,
    sleepy: false,
    stop: false,
    retire: false,
    have: null,
    called: [],
    max_bytes: 4_000_000,
    turns: 1,
    hello: true,
    ...more,
  })
  const takeTurn = (request: TurnRequest) => openDatabase(ask).takeTurn(request)
  const statusOf = async (job: number) =>
    (await owner.db.query('select status, result from supaqueue.job where id = $1', [job])).rows[0]

  test('a turn brings jobs in the form of the schema, and the next one reports them', async () => {
    const queue = await owner.queue({ workers: 3, default_headers: { 'x-a': 'b' } })
    const jobs = await owner.jobs(queue, 3)
    const request = turnOf(queue)

    const first = await ask(request)
    const { jobs: claims, settings } = turnAnswer.parse(first)
    const reports: Report[] = claims.map(({ current_job }) => ({
      token: current_job.id,
      outcome: 'success',
      status: 200,
    }))
    const second = await takeTurn({ ...request, reports, hello: false })

    expect(claims.map(({ job }) => job.id).sort()).toEqual(jobs.toSorted())
    expect(settings).toMatchObject({ functions_url: expect.any(String) })
    expect(second).toMatchObject({ jobs: [], stale: [], again: [], settings: null })
    expect(await Promise.all(jobs.map(statusOf))).toEqual(jobs.map(() => ({ status: 'success', result: null })))
  })

  test('nothing is lost on the way: digits, letters, depth', async () => {
    const queue = await owner.queue({ workers: 1 })
    const payload = '{"n": 12345678901234567890.123456789, "s": "grün \\\\ \\" \\u2028 😀"}'
    await owner.db.query('insert into supaqueue.job (queue, payload) values ($1, $2)', [queue, payload])
    const request = turnOf(queue)
    const result = { s: 'grün \\ " \u2028 😀', deep: Array(200).fill(0).reduce((inner) => [inner], 1), z: -0.5e-7 }

    const { jobs: [claim] } = await takeTurn(request)
    await takeTurn({ ...request, reports: [{ token: claim!.current_job.id, outcome: 'success', result }] })

    expect(claim!.job.payload).toContain('12345678901234567890.123456789')
    expect(JSON.parse(claim!.job.payload).s).toBe('grün \\ " \u2028 😀')
    expect(await statusOf(Number(claim!.job.id))).toEqual({ status: 'success', result })
  })

  test('a late report changes nothing and is told so', async () => {
    const queue = await owner.queue({ workers: 1 })
    const token = randomUUID()

    expect(await takeTurn(turnOf(queue, { reports: [{ token, outcome: 'success' }] }))).toMatchObject({
      stale: [token],
    })
  })

  test('a lost answer is asked for again, and brings what it held', async () => {
    const queue = await owner.queue({ workers: 2 })
    await owner.jobs(queue, 2)
    const request = turnOf(queue)

    await ask(request)
    const again = await takeTurn({ ...request, have: [] })

    expect(again.jobs).toHaveLength(2)
  })

  test('two turns at once are two turns', async () => {
    const queue = await owner.queue({ workers: 20 })
    await owner.jobs(queue, 20)

    const answers = await Promise.all([1, 2, 3].map(() => takeTurn(turnOf(queue, { room: 6 }))))
    const tokens = answers.flatMap(({ jobs }) => jobs.map(({ current_job }) => current_job.id))

    expect(new Set(tokens).size).toBe(18)
  })

  test('the clock is the database’s', async () => {
    const { rows: [row] } = await owner.db.query('select extract(epoch from clock_timestamp()) * 1000 as ms')

    expect(Math.abs(await openDatabase(ask).clock() - Number(row.ms))).toBeLessThan(60_000)
  })

  test('what the database refuses comes with its code, message and hint', async () => {
    const queue = await owner.queue()
    const failed = takeTurn({ ...turnOf(queue), run: null as never })

    await expect(failed).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/run/),
      hint: expect.stringMatching(/./),
      details: { passing: true },
    })
  })

  test('whoever may not take turns is refused, and that does not pass by itself', async () => {
    const failed = openDatabase(await openRefused()).takeTurn(turnOf(await owner.queue()))

    await expect(failed).rejects.toMatchObject({
      code: expect.stringMatching(/^SQ40[13]$/),
      hint: expect.stringContaining('service_role'),
      details: { passing: false },
    })
  })

  test('a turn runs as the Data API has it run, whatever the role has set', async () => {
    const queue = await owner.queue({ workers: 1 })
    await owner.jobs(queue, 1)
    await owner.db.query(
      `alter role postgres in database ${project.database.name} set default_transaction_read_only = on`,
    )
    try {
      expect((await openDatabase(await open()).takeTurn(turnOf(queue))).jobs).toHaveLength(1)
    } finally {
      await owner.db.query('set default_transaction_read_only = off')
      await owner.db.query(
        `alter role postgres in database ${project.database.name} reset default_transaction_read_only`,
      )
    }
  })

  test('a turn that takes eight seconds is ended by the server, whoever still waits for it', async () => {
    const queue = await owner.queue({ workers: 1 })
    const { rows: [row] } = await owner.db.query(
      `select pg_get_functiondef('public.supaqueue_turn(jsonb)'::regprocedure) as turn`,
    )
    await owner.db.query(`create or replace function public.supaqueue_turn(request jsonb) returns json language plpgsql
      set statement_timeout = '8s' as $$ begin return json_build_object('bound', current_setting('statement_timeout'),
        'isolation', current_setting('transaction_isolation')); end $$`)
    try {
      // From within, the function's own setting would be seen.
      await owner.db.query('alter function public.supaqueue_turn(jsonb) reset all')
      expect(await (await open())(turnOf(queue))).toEqual({ bound: '8s', isolation: 'read committed' })
    } finally {
      await owner.db.query(row.turn)
    }
  })

  test('a function that is gone is named, and the installer', async () => {
    await owner.db.query('alter function public.supaqueue_turn(jsonb) rename to supaqueue_turn_away')
    try {
      await expect(takeTurn(turnOf(randomUUID()))).rejects.toMatchObject({
        code: 'SQ404',
        hint: expect.stringContaining('installer'),
        details: { passing: false },
      })
    } finally {
      await owner.db.query('alter function public.supaqueue_turn_away(jsonb) rename to supaqueue_turn')
    }
  })
})
