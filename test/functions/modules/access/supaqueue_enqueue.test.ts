import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { bombs } from '../../../support/bombs.ts'
import { call, claim, openQueue, signIn } from '../../../support/door.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('supaqueue_enqueue', () => {
  test('enqueues a job that is the user’s, and returns its id', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    const user = await signIn(session)

    const id = await call(session, 'enqueue', { queue, payload: '{"n": 1}' })

    expect(await harness.jobRow(id)).toMatchObject({ queue, payload: { n: 1 }, owner: user, status: 'pending' })
  })

  test('wakes the queue though its user may read nothing', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    await harness.workers(queue, 1)
    const session = await another('authenticated')
    await signIn(session)

    const id = await call(session, 'enqueue', { queue })

    expect(await harness.inProgress(queue)).toEqual([id])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('enqueues for anon to nobody’s name, and tells no id, which would tell how much there is to do', async ({ harness, another }) => {
    const queue = await openQueue(harness, {}, 'anon')
    const session = await another('anon')
    await claim(session, { role: 'anon', sub: 'made up' })

    expect(await call(session, 'enqueue', { queue, payload: '{"n": 1}' })).toBe(null)

    const { rows } = await harness.db.query('select owner, payload from supaqueue.job where queue = $1', [queue])
    expect(rows).toEqual([{ owner: null, payload: { n: 1 } }])
  })

  test('has no dedupe_keys for anon: they would be everybody’s', async ({ harness, another }) => {
    const queue = await openQueue(harness, {}, 'anon')

    expect(await refusal(call(await another('anon'), 'enqueue', { queue, dedupe_key: 'order-17' }))).toMatchObject({
      code: 'SQ422',
      message: 'a dedupe_key is for users who have signed in',
    })
  })

  test('keeps the keys of users where no other way to enqueue can write them', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    const user = await signIn(session)
    const forged = [`${user}:k9`, `anon:k9`]

    for (const dedupe_key of forged) await ask(harness, 'enqueue', { queue, dedupe_key, payload: { forged: 1 } })
    const id = await call(session, 'enqueue', { queue, dedupe_key: 'k9', payload: '{"mine": 1}' })
    const { dedupe_key } = await harness.jobRow(id)

    expect((await harness.jobRow(id)).payload).toEqual({ mine: 1 })
    for (const on_conflict of ['error', 'skip', 'replace']) {
      const refused = { code: 'SQ422', message: expect.stringContaining('that of an end user') }
      expect(await refusal(ask(harness, 'enqueue', { queue, dedupe_key, on_conflict }))).toMatchObject(refused)
      expect(await refusal(ask(harness, 'enqueue_many', { queue, jobs: [{ dedupe_key }], on_conflict }))).toMatchObject(
        refused,
      )
    }
    expect(
      await refusal(
        harness.db.query('insert into supaqueue.job (queue, dedupe_key) values ($1, $2)', [queue, dedupe_key]),
      ),
    )
      .toMatchObject({ code: 'SQ422' })
    expect((await harness.jobRow(id)).payload).toEqual({ mine: 1 })
    expect(await call(session, 'enqueue', { queue, dedupe_key: 'k9' })).toBe(id)
  })

  test.for(bombs)('refuses %s, from anon and from users', async ([, payload], { harness, another }) => {
    for (const role of ['anon', 'authenticated'] as const) {
      const queue = await openQueue(harness, {}, role)
      const session = await another(role)
      if (role === 'authenticated') await signIn(session)

      expect(await refusal(call(session, 'enqueue', { queue, payload }))).toMatchObject({
        code: expect.stringMatching(/^SQ4(13|22)$/),
      })
    }
  })

  test('asks for the rate before it looks at a payload', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 1 }, 'anon')
    const session = await another('anon')
    await call(session, 'enqueue', { queue })

    expect(await refusal(call(session, 'enqueue', { queue, payload: '[1e131071]' }))).toMatchObject({ code: 'SQ429' })
  })

  test.for(['anon', 'authenticated'] as const)(
    'cannot be run by %s while no queue is open to it',
    async (role, { harness, another }) => {
      const other = role === 'anon' ? 'authenticated' : 'anon'
      for (const open of ['anon', 'authenticated']) {
        const { rows } = await harness.db.query(`select distinct queue from supaqueue.door where role = $1`, [open])
        for (const { queue } of rows) await ask(harness, 'revoke', { queue, role: open })
      }
      const queue = await openQueue(harness, {}, other)
      const session = await another(role)
      await signIn(session)

      expect(await refusal(call(session, 'enqueue', { queue }))).toMatchObject({ code: '42501' })
    },
  )

  test('reaches no queue but those that are open to the role', async ({ harness, another }) => {
    await openQueue(harness)
    const closed = await harness.queue()
    const session = await another('authenticated')
    await signIn(session)

    expect(await refusal(call(session, 'enqueue', { queue: closed }))).toMatchObject({ code: 'SQ404' })
    expect((await harness.db.query('select from supaqueue.job where queue = $1', [closed])).rowCount).toBe(0)
  })

  test('refuses a payload that is larger than the door takes, or than the queue takes', async ({ harness, another }) => {
    const [small, large] = [await openQueue(harness, { max_bytes: 10 }), await openQueue(harness)]
    await harness.update('queue', large, { payload_max_bytes: 20 } as never)
    const session = await another('authenticated')
    await signIn(session)

    await call(session, 'enqueue', { queue: small, payload: '"12345678"' })
    expect(await refusal(call(session, 'enqueue', { queue: small, payload: '"123456789"' }))).toMatchObject({
      code: 'SQ413',
      message: 'the payload has 11 bytes, and at most 10 are accepted here',
    })
    expect(await refusal(call(session, 'enqueue', { queue: large, payload: JSON.stringify('x'.repeat(30)) })))
      .toMatchObject({ code: 'SQ413' })
  })

  test('holds a payload to the schema of the door, and says where it is not so', async ({ harness, another }) => {
    const queue = await openQueue(harness, { schema: { properties: { to: { items: { type: 'string' } } } } })
    const session = await another('authenticated')
    await signIn(session)

    expect(await refusal(call(session, 'enqueue', { queue, payload: '{"to": ["a", 7]}' }))).toMatchObject({
      code: 'SQ422',
      message: 'payload.to[1] is number, not string',
      hint: expect.stringContaining('Nothing was changed'),
    })
    await call(session, 'enqueue', { queue, payload: '{"to": ["a"]}' })
  })

  test('holds what is left out to the schema, too', async ({ harness, another }) => {
    const queue = await openQueue(harness, { schema: { required: ['a'] } })
    const session = await another('authenticated')
    await signIn(session)

    expect(await refusal(call(session, 'enqueue', { queue }))).toMatchObject({ code: 'SQ422' })
    expect(await refusal(call(session, 'enqueue', { queue, payload: null }))).toMatchObject({ code: 'SQ422' })
  })

  test('lets a user enqueue so many a minute, and others all the same', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 2 })
    const session = await another('authenticated')
    await signIn(session)
    await call(session, 'enqueue', { queue })
    await call(session, 'enqueue', { queue })

    expect(await refusal(call(session, 'enqueue', { queue }))).toMatchObject({
      code: 'SQ429',
      detail: expect.any(String),
    })
    await signIn(session)
    await call(session, 'enqueue', { queue })
  })

  test('counts all of anon together', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 1 }, 'anon')
    await call(await another('anon'), 'enqueue', { queue })

    expect(await refusal(call(await another('anon'), 'enqueue', { queue }))).toMatchObject({ code: 'SQ429' })
  })

  test('raises outside of a request, which undoes the charge; inside: test/adversaries/flood.test.ts', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 1, max_bytes: 5 })
    const session = await another('authenticated')
    await signIn(session)
    await refusal(call(session, 'enqueue', { queue, payload: '"too long"' }))

    await call(session, 'enqueue', { queue, payload: '1' })
  })

  test('returns the user’s own job that has the key, and nobody else’s', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    await signIn(session)
    const first = await call(session, 'enqueue', { queue, dedupe_key: 'monthly' })
    const again = await call(session, 'enqueue', { queue, dedupe_key: 'monthly', payload: '{"n": 2}' })
    await signIn(session)
    const other = await call(session, 'enqueue', { queue, dedupe_key: 'monthly' })

    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(await harness.jobRow(first)).toMatchObject({ payload: {} })
  })

  test('does not let a user take the key of another, however it is written', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    const victim = await signIn(session)
    await signIn(session)
    await call(session, 'enqueue', { queue, dedupe_key: `${victim}:k` })
    await signIn(session, victim)
    const mine = await call(session, 'enqueue', { queue, dedupe_key: 'k' })

    expect(await harness.jobRow(mine)).toMatchObject({ owner: victim })
  })

  test('begins no job before its time, and none ahead of others by a time that has passed', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    await signIn(session)
    const later = await call(session, 'enqueue', { queue, run_at: new Date(Date.now() + 3600_000) })
    const early = await call(session, 'enqueue', { queue, run_at: '1970-01-01T00:00:00Z' })

    expect((await harness.jobRow(later)).run_at.getTime()).toBeGreaterThan(Date.now() + 3_000_000)
    const { created_at, run_at } = await harness.jobRow(early)
    expect(run_at).toEqual(created_at)
  })

  test.for([['infinity'], ['2099-01-01T00:00:00Z']])(
    'refuses a time that is too far away: %s',
    async ([run_at], { harness, another }) => {
      const queue = await openQueue(harness)
      const session = await another('authenticated')
      await signIn(session)

      expect(await refusal(call(session, 'enqueue', { queue, run_at }))).toMatchObject({
        code: 'SQ422',
        message: 'run_at is at most 30 days from now',
      })
    },
  )

  test('refuses a key that is too long', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')
    await signIn(session)

    await call(session, 'enqueue', { queue, dedupe_key: 'k'.repeat(500) })
    expect(await refusal(call(session, 'enqueue', { queue, dedupe_key: 'k'.repeat(501) }))).toMatchObject({
      code: 'SQ422',
    })
  })

  test('refuses authenticated without a user', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const session = await another('authenticated')

    expect(await refusal(call(session, 'enqueue', { queue }))).toMatchObject({ code: 'SQ403' })
  })

  test('returns what it refuses inside of a request once a use was charged, and raises it where none is', async ({ harness, another }) => {
    const queue = await openQueue(harness, { per_minute: 2 })
    const session = await another('authenticated')
    await signIn(session)
    await session.db.query(`set request.method = 'POST'`)

    expect(await call(session, 'enqueue', { queue, payload: '1e400' })).toMatchObject({ code: 'SQ422' })
    await call(session, 'enqueue', { queue })
    expect(await refusal(call(session, 'enqueue', { queue }))).toMatchObject({
      code: 'PGRST',
      detail: expect.stringContaining('429'),
    })
    await session.db.query('reset request.method')
  })

  test('lets service_role enqueue to a queue that is closed, to no user, and tells it which queue it may have meant', async ({ harness, another }) => {
    const queue = await harness.queue({ name: 'letters' })
    const session = await another('service_role')
    const at = new Date(Date.now() + 60_000)
    const id = await call(session, 'enqueue', { queue, payload: '{"n": 1}', dedupe_key: 'k', run_at: at })

    expect(await harness.jobRow(id)).toMatchObject({
      queue,
      payload: { n: 1 },
      dedupe_key: 'k',
      run_at: at,
      owner: null,
    })
    expect(await call(session, 'enqueue', { queue, dedupe_key: 'k' })).toBe(id)
    expect(await refusal(call(session, 'enqueue', { queue: 'leters' }))).toMatchObject({
      code: 'SQ404',
      hint: expect.stringContaining(`'letters'`),
    })
  })

  test('answers inside of a request in the form that has its status', async ({ harness, another }) => {
    await openQueue(harness)
    const session = await another('authenticated')
    await signIn(session)
    await session.db.query(`set request.method = 'POST'`)

    expect(await refusal(call(session, 'enqueue', { queue: 'nowhere' }))).toMatchObject({
      code: 'PGRST',
      detail: expect.stringContaining('404'),
    })
  })
})
