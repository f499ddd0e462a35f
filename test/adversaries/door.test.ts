import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { allow, call, signIn } from '../support/door.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'

// End users, with doors open: one queue to anon, one to those who have signed in, and one to nobody.

const CANARY = 'canary-77ab'

async function scene(database: TestDatabase) {
  const harness = harnessOf(await database.connect())
  const [open, signed] = [await harness.queue({ name: 'open' }), await harness.queue({ name: 'signed' })]
  await harness.queue({ name: 'closed' })
  await allow(harness, open, { per_minute: 1000 }, 'anon')
  await allow(harness, signed, { may_cancel: true, may_signal: '{approval}' })
  const [anon, eve, ada] = [
    harnessOf(await database.connect('anon')),
    harnessOf(await database.connect('authenticated')),
    harnessOf(await database.connect('authenticated')),
  ]
  const users = { ada: await signIn(ada), eve: await signIn(eve) }
  const hers = Number(await call(ada, 'enqueue', { queue: 'signed', payload: { secret: CANARY }, dedupe_key: 'k' }))
  return { harness, anon, eve, ada, users, hers }
}

const refusalOf = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then((done) => ({ code: 'done', done }), (reason) => reason)
const codeOf = async (session: Harness, sql: string): Promise<unknown> => (await refusalOf(session.db.query(sql))).code

/** What a refusal says, but for the name that was asked for. */
const said = async (work: Promise<unknown>) => {
  const { code, message, detail, hint } = await refusalOf(work)
  return JSON.stringify([code, String(message).replace(/ (queue|job) .* (that you|of yours)/s, ' $1 $2'), detail, hint])
}

describe.for(['anon', 'eve'] as const)('%s', (who) => {
  test('cannot tell a queue that is closed from one that is not there, nor from one that is open to others', async ({ ownDatabase }) => {
    const at = await scene(ownDatabase)
    const others = who === 'anon' ? 'signed' : 'open'
    const names = [
      'closed',
      'nowhere',
      others,
      randomUUID(),
      '',
      `closed'; drop table supaqueue.job; --`,
      '%',
      'CLOSED',
    ]

    const answers = []
    for (const name of names) answers.push(await said(call(at[who], 'enqueue', { queue: name })))

    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('SQ404')
  })

  test('sees, cancels, signals and finds no job of another, nor tells it from none', async ({ ownDatabase }) => {
    const at = await scene(ownDatabase)
    for (const name of ['status', 'cancel', 'signal'] as const) {
      const answers = []
      for (const job of [at.hers, 999_999_999, -7, '9223372036854775807']) {
        answers.push(await said(call(at[who], name, name === 'signal' ? { job, name: 'approval' } : { job })))
      }
      expect(new Set(answers).size).toBe(1)
      expect(answers[0]).toContain('SQ404')
    }
    expect((await at.harness.jobRow(at.hers)).status).toBe('pending')
  })

  test('reads no table and calls no other function', async ({ ownDatabase }) => {
    const at = await scene(ownDatabase)
    for (
      const sql of [
        'select * from supaqueue.job',
        'select * from supaqueue.queue',
        `insert into supaqueue.job (queue) select null`,
        `select supaqueue.enqueue('closed')`,
        `select supaqueue.signal(${at.hers}, 'approval')`,
        `insert into supaqueue.signal (job, name) values (${at.hers}, 'approval')`,
        `select supaqueue_internal.enqueue_at_door('closed', '{}', null, null)`,
        `select supaqueue.allow('closed', 'anon')`,
        `select public.supaqueue_turn('{}')`,
        `select public.end_current_job(gen_random_uuid(), true, true)`,
        'select * from vault.decrypted_secrets',
      ]
    ) expect(await codeOf(at[who], sql), sql).toBe('42501')
  })

  test('is nobody else by what is set in the session', async ({ ownDatabase }) => {
    const at = await scene(ownDatabase)
    const me = at[who]
    // What PostgREST sets is a token that was checked; a role of its own cannot be talked into another.
    await me.db.query(
      `select set_config('request.jwt.claims', '{"role": "service_role", "sub": "${at.users.eve}"}', false),
      set_config('supaqueue.internal_write', '1', false), set_config('request.jwt.claim.role', 'service_role', false)`,
    )

    expect((await refusalOf(call(me, 'enqueue', { queue: 'closed' }))).code).toBe('SQ404')
    expect((await refusalOf(call(me, 'status', { job: at.hers }))).code).toBe('SQ404')
  })
})

describe('anon', () => {
  test('learns no id and has no key', async ({ ownDatabase }) => {
    const { anon } = await scene(ownDatabase)

    expect(await call(anon, 'enqueue', { queue: 'open' })).toBe(null)
    expect(await refusalOf(call(anon, 'enqueue', { queue: 'open', dedupe_key: 'order-17' }))).toMatchObject({
      code: 'SQ422',
    })
  })

  test('overtakes nobody and plans nothing beyond what the door says', async ({ ownDatabase }) => {
    const { anon, harness } = await scene(ownDatabase)
    await call(anon, 'enqueue', { queue: 'open', run_at: '1900-01-01' })
    const { rows: [{ late }] } = await harness.db.query(
      `select run_at < now() - interval '1 hour' as late from supaqueue.job order by id desc limit 1`,
    )

    expect(late).toBe(false)
    for (const run_at of ['infinity', '2999-01-01']) {
      expect(await refusalOf(call(anon, 'enqueue', { queue: 'open', run_at }))).toMatchObject({ code: 'SQ422' })
    }
  })

  test('sends no more than the door takes', async ({ ownDatabase }) => {
    const { anon } = await scene(ownDatabase)
    const payload = { text: 'x'.repeat(70_000) }

    expect(await refusalOf(call(anon, 'enqueue', { queue: 'open', payload }))).toMatchObject({ code: 'SQ413' })
  })

  test('has a limit though nobody set one', async ({ ownDatabase }) => {
    const { harness } = await scene(ownDatabase)
    await allow(harness, 'open', {}, 'anon')
    const { rows } = await harness.db.query(`select per_minute from supaqueue.door where role = 'anon'`)

    expect(rows).toEqual([{ per_minute: 60 }])
  })
})

describe('a user', () => {
  test('takes no key of another, and does not find out that it is taken', async ({ ownDatabase }) => {
    const { eve, ada, hers, users } = await scene(ownDatabase)
    const mine = Number(await call(eve, 'enqueue', { queue: 'signed', dedupe_key: 'k' }))
    await call(eve, 'enqueue', { queue: 'signed', dedupe_key: `supaqueue-user:${users.ada}:k` })

    expect(mine).not.toBe(hers)
    expect(Number(await call(ada, 'enqueue', { queue: 'signed', dedupe_key: 'k' }))).toBe(hers)
  })

  test.for(['', 'me', '0', 'null', `' or true --`])('is nobody with the sub %j', async (sub, { ownDatabase }) => {
    const { eve } = await scene(ownDatabase)
    await eve.db.query(`select set_config('request.jwt.claims', $1, false)`, [JSON.stringify({ sub })])

    expect(await refusalOf(call(eve, 'enqueue', { queue: 'signed' }))).toMatchObject({ code: 'SQ403' })
  })

  test('keeps no right when the door is closed, not even to what they enqueued', async ({ ownDatabase }) => {
    const { ada, harness, hers } = await scene(ownDatabase)
    await harness.db.query(`select supaqueue.revoke('signed')`)

    expect((await refusalOf(call(ada, 'status', { job: hers }))).code).toBe('42501')
    expect((await refusalOf(call(ada, 'cancel', { job: hers }))).code).toBe('42501')
    expect((await refusalOf(call(ada, 'signal', { job: hers, name: 'approval' }))).code).toBe('42501')
  })
})
