import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { call, openQueue, signIn } from '../../../support/door.ts'
import { type Harness, harness as harnessOf, test as base } from '../../../support/harness.ts'
import { sent, standInForRealtime } from '../../../support/realtime.ts'

/** Each with Realtime in a database of its own. */
const test = base.extend<{ $test: { live: { harness: Harness; owner: Harness; session: Harness; user: string } } }>({
  live: async ({ ownDatabase }, use) => {
    const owner = harnessOf(await ownDatabase.connect('owner'))
    await standInForRealtime(owner)
    const session = harnessOf(await ownDatabase.connect('authenticated'))
    await use({ harness: harnessOf(await ownDatabase.connect()), owner, session, user: await signIn(session) })
  },
})

const begin = async (harness: Harness, queue: string) => {
  const run = randomUUID()
  const [entry] = await harness.take(run, queue)
  return { run, token: entry!.current_job.id }
}

describe('a live door', () => {
  test('tells the user, and nobody else, how their job fares', async ({ live: { harness, owner, session, user } }) => {
    const queue = await openQueue(harness, { live: true })
    const job = await call(session, 'enqueue', { queue })
    await harness.workers(queue, 1)
    const { run, token } = await begin(harness, queue)
    await harness.progress(token, 40, 'page 4')
    await harness.progress(token, 40, 'page 4')
    await harness.report(run, queue, [token], 'success', { result: { secret: 1 } })

    const messages = await sent(owner, `supaqueue:${user}`)

    expect(messages.map(({ event, private: closed }) => [event, closed])).toEqual([
      ['job', true],
      ['job', true],
      ['job', true],
    ])
    expect(messages.map(({ payload }) => payload)).toMatchObject([
      { job, status: 'in_progress', attempts: 1, progress_percent: null },
      { job, status: 'in_progress', progress_percent: 40, progress_note: 'page 4' },
      { job, status: 'success', finished_at: expect.any(String) },
    ])
    expect(JSON.stringify(messages)).not.toContain('secret')
    expect((await owner.db.query('select from realtime.messages')).rowCount).toBe(3)
  })

  test('tells nobody about jobs of no user, or of a queue whose door is not live', async ({ live: { harness, owner, session } }) => {
    const [liveQueue, quiet] = [await openQueue(harness, { live: true }), await openQueue(harness)]
    await harness.workers(liveQueue, 1)
    await harness.workers(quiet, 1)
    await call(session, 'enqueue', { queue: quiet })

    const warnings = await harness.warnings(async () => {
      await harness.job(liveQueue)
      await begin(harness, liveQueue)
      await begin(harness, quiet)
    })

    expect(warnings).toEqual([])
    expect((await owner.db.query('select from realtime.messages')).rowCount).toBe(0)
  })

  test('does no harm when Realtime fails: a warning says so', async ({ live: { harness, owner, session } }) => {
    const queue = await openQueue(harness, { live: true })
    const job = await call(session, 'enqueue', { queue })
    await owner.db.query('drop table realtime.messages')
    await harness.workers(queue, 1)

    const warnings = await harness.warnings(() => begin(harness, queue))

    expect(warnings).toMatchObject([{ code: 'SQ503', message: expect.stringContaining(`job ${job}`) }])
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress' })
  })

  test('does no harm where there is no Realtime', async ({ live: { harness, owner, session } }) => {
    const queue = await openQueue(harness, { live: true })
    const job = await call(session, 'enqueue', { queue })
    await owner.db.query('drop schema realtime cascade')
    await harness.workers(queue, 1)

    expect(await harness.warnings(() => begin(harness, queue))).toEqual([])
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress' })
  })

  test('with the policy of the README lets users listen to their own topic only', async ({ live: { owner, session, user } }) => {
    const readme = readFileSync(new URL('../../../../docs/reference/open-to-users.md', import.meta.url), 'utf8')
    const policy = /```text\n(create policy [^`]*on realtime\.messages[^`]*)```/.exec(readme)?.[1] ?? ''
    await owner.db.query(`
      create schema if not exists auth; grant usage on schema auth to authenticated;
      create or replace function auth.uid() returns uuid language sql stable as
        $$ select (current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid $$`)
    await owner.db.query(policy)
    const other = randomUUID()
    for (const topic of [user, other]) {
      await owner.db.query(`select realtime.send('{}', 'job', $1)`, [`supaqueue:${topic}`])
    }
    // As Realtime asks when somebody joins a topic.
    const heard = async (topic: string) => {
      await session.db.query(`select set_config('realtime.topic', $1, false)`, [topic])
      return (await session.db.query('select from realtime.messages where topic = $1', [topic])).rowCount
    }

    expect(await heard(`supaqueue:${user}`)).toBe(1)
    expect(await heard(`supaqueue:${other}`)).toBe(0)
  })
})
