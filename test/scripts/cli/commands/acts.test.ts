import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { main } from '../../../../scripts/cli/main.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'

// What changes something about queues and jobs: enqueue, pause, resume, retry, cancel.

async function run(database: TestDatabase, ...args: string[]) {
  const [out, notes]: [string[], string[]] = [[], []]
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    say: (line) => void out.push(line),
    note: (line) => void notes.push(line),
  })
  return { code, out: out.join('\n'), notes: notes.join('\n') }
}

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
  await harness.queue({ name: 'mail', workers: 1, paused: true })
})

const job = async (harness: Harness) =>
  (await harness.db.query(
    'select id::integer, payload, priority, dedupe_key, concurrency_key, status, run_at from supaqueue.job',
  )).rows[0]

test('create-queue makes a queue that can run, and changes it', async ({ database, harness }) => {
  const made = await run(database, 'create-queue', 'films', 'hello', '--workers', '3', '--max-rps', '0.5')
  const changed = await run(database, 'create-queue', 'films', '--workers', '1', '--json')
  const refused = await run(database, 'create-queue', 'films', '--max-rps', '-1')

  const { rows: [queue] } = await harness.db.query(
    `select edge_function_name, max_rps from supaqueue.queue join supaqueue.rate_limit on rate_limit.name = rate_limit where queue.name = 'films'`,
  )
  expect(made).toMatchObject({ code: 0, out: 'The queue films makes 3 calls at once.' })
  expect(JSON.parse(changed.out)).toEqual({ queue: 'films', id: expect.any(String), workers: 1 })
  expect(queue).toEqual({ edge_function_name: 'hello', max_rps: 0.5 })
  expect(refused.code).toBe(2)
})

describe('enqueue', () => {
  test('puts a job into a queue, and names it', async ({ database, harness }) => {
    const { code, out } = await run(
      database,
      ...['enqueue', 'mail', '{"to": "ada"}', '--priority', '5', '--delay', '1 hour', '--dedupe-key', 'k'],
    )

    const found = await job(harness)
    expect({ code, out }).toEqual({
      code: 0,
      out: `Job ${found.id} waits in mail. Its story: pnpm supaqueue job ${found.id}`,
    })
    expect(found).toMatchObject({ payload: { to: 'ada' }, priority: 5, dedupe_key: 'k', status: 'pending' })
    expect(found.run_at.getTime()).toBeGreaterThan(Date.now() + 1_800_000)
  })

  test('says which job it is to programs', async ({ database, harness }) => {
    const { out } = await run(database, 'enqueue', 'mail', '--json')

    expect(JSON.parse(out)).toEqual({ job: (await job(harness)).id })
  })

  test('makes of many with one key one job', async ({ database, harness }) => {
    await harness.db.query(`update supaqueue.queue set dedupe_until = 'begun'`)
    const burst = (n: number, ...more: string[]) =>
      run(database, 'enqueue', 'mail', `{"n": ${n}}`, '--dedupe-key', 'k', '--concurrency-key', 'ada', ...more)

    const first = await burst(1, '--debounce', '1 hour', '--max-wait', '2 hours')
    const last = await burst(2, '--debounce', '1 hour', '--max-wait', '2 hours')
    const both = await burst(3, '--debounce', '1 hour', '--throttle', '1 hour')

    expect(last).toEqual(first)
    expect(both).toMatchObject({ code: 2, notes: expect.stringContaining('debounced or throttled, not both') })
    const found = await job(harness)
    expect(found).toMatchObject({ payload: { n: 2 }, dedupe_key: 'k', concurrency_key: 'ada' })
    expect(found.run_at.getTime()).toBeGreaterThan(Date.now() + 1_800_000)
    const { rows } = await harness.db.query('select from supaqueue.job')
    expect(rows).toHaveLength(1)
  })

  test('begins the first of those that are throttled at once', async ({ database, harness }) => {
    await harness.db.query(`update supaqueue.queue set dedupe_until = 'begun'`)
    await run(database, 'enqueue', 'mail', '{}', '--dedupe-key', 'k', '--throttle', '1 hour')

    const { rows: [{ free }] } = await harness.db.query(
      `select free_at > now() + interval '30 minutes' as free from supaqueue.throttled_key where key = 'k'`,
    )
    expect(free).toBe(true)
    expect((await job(harness)).run_at.getTime()).toBeLessThan(Date.now() + 1_800_000)
  })

  test('refuses what it does not understand, and enqueues nothing', async ({ database, harness }) => {
    const wrong = await run(database, 'enqueue', 'mail', '{to: ada}')
    const unknown = await run(database, 'enqueue', 'mial')
    const part = await run(database, 'enqueue', 'mail', '--priority', '1.5')

    expect(wrong).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/^SQ422: the payload is not JSON\nWhat to do: \S/),
    })
    expect(unknown).toMatchObject({ code: 5, notes: expect.stringMatching(/^SQ404: there is no queue 'mial'/) })
    expect(part.code).toBe(2)
    expect(await job(harness)).toBeUndefined()
  })
})

test('pause for a while, and resume', async ({ database, harness }) => {
  const paused = await run(database, 'pause', 'mail', '--for', '1 hour', '--reason', 'the bank is closed')
  const { rows: [row] } = await harness.db.query('select paused, paused_until, paused_reason from supaqueue.queue')
  const resumed = await run(database, 'resume', 'mail', '--json')
  const again = await run(database, 'resume', 'mail')

  expect(paused.out).toMatch(/^mail is paused until \d{4}-.+\.$/)
  expect(row).toMatchObject({ paused: true, paused_until: expect.any(Date), paused_reason: 'the bank is closed' })
  expect(JSON.parse(resumed.out)).toEqual({ queue: 'mail', paused: false, changed: true })
  expect(again).toMatchObject({ code: 0, out: 'mail was not paused.' })
})

test('cancel, and retry what has ended', async ({ database, harness }) => {
  await run(database, 'enqueue', 'mail')
  const { id } = await job(harness)

  const cancelled = await run(database, 'cancel', String(id))
  const late = await run(database, 'cancel', String(id), '--json')
  const retried = await run(database, 'retry', String(id))
  const early = await run(database, 'retry', String(id), '--json')

  expect(cancelled.out).toBe(`Job ${id} is cancelled.`)
  expect(JSON.parse(late.out)).toEqual({ job: id, cancelled: false })
  expect(retried.out).toBe(`Job ${id} starts over.`)
  expect(early.code).toBe(1)
  expect(JSON.parse(early.out)).toMatchObject({ error: { code: 'SQ409', exit: 1 } })
  expect((await job(harness)).status).toBe('pending')
})

test('adopt says what waits in a copy, and sends it only when told so', async ({ database, harness }) => {
  const original = 'https://aaaaaaaaaaaaaaaaaaaa.supabase.co'
  const here = 'https://bbbbbbbbbbbbbbbbbbbb.supabase.co'
  await harness.db.query('delete from supaqueue.home')
  const { rows: [{ id }] } = await harness.db.query('select id from supaqueue.queue')
  await harness.jobs(id, 2)
  await harness.turn(randomUUID(), id, { hello: true, project: original })
  const nothing = await run(database, 'adopt', '--yes')
  await harness.turn(randomUUID(), id, { hello: true, project: here })

  const dry = await run(database, 'adopt', '--dry-run')
  const unasked = await run(database, 'adopt')
  const adopted = await run(database, 'adopt', '--yes', '--json')

  expect(nothing).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to adopt') })
  expect(dry.out).toContain(`${here} calls nobody, for this database is a copy of ${original}. 2 jobs of 1 queues wait`)
  expect(unasked).toMatchObject({ code: 2, notes: expect.stringContaining('there is no terminal to confirm on') })
  expect(JSON.parse(adopted.out)).toEqual({ original, here, jobs: 2, queues: 1, adopted: true })
  const { rows } = await harness.db.query('select project, adopted from supaqueue.home')
  expect(rows).toEqual([{ project: here, adopted: true }])
})
