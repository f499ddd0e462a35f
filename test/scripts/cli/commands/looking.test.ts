import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeEach, describe, expect } from 'vitest'
import { main } from '../../../../scripts/cli/main.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { live } from '../../../functions/modules/processes/live.ts'
import { called, steps } from '../../../functions/modules/steps/support.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'

// What shows and changes nothing: status, job and failures. They need no more than the database.

/** Runs a command; with `columns`, in a terminal of that width. Ends a watch after so many pages. */
async function run(
  database: TestDatabase,
  args: string[],
  { columns, pages = 1 }: { columns?: number; pages?: number } = {},
) {
  const out: string[] = []
  const notes: string[] = []
  const drawn: string[][] = []
  const enough = new AbortController()
  const seen = () => void (Math.max(drawn.length, out.length) >= pages && enough.abort())
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    say: (line) => (out.push(line), seen()),
    note: (line) => void notes.push(line),
    interrupted: () => enough.signal,
    ...(columns && { screen: { columns, draw: (lines) => (drawn.push(lines), seen()) } }),
  })
  return { code, out: out.join('\n'), notes: notes.join('\n'), drawn }
}

beforeEach<{ harness: Harness }>(async ({ harness }) => void await harness.db.query('delete from supaqueue.queue'))

describe('status', () => {
  test('shows each queue', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 3 })
    await harness.job(queue, { due: '-3 minutes' })
    await harness.job(queue, { due: '1 day' })
    await harness.job(queue, { status: null })
    await harness.job(queue, { due: '-1 hour' })
    await harness.processJobs(queue)
    await harness.db.query(`update supaqueue.queue set paused = true, paused_reason = 'the bank is closed'`)
    await harness.job(queue, { due: '-3 minutes' })

    const { code, out } = await run(database, ['status'])

    expect(code).toBe(0)
    expect(out).toMatch(
      /^queue +calls +running +waiting +planned +held +failed +calls\/min +errors +p95 +oldest +empty in$/m,
    )
    expect(out).toMatch(/^mail \(paused\) +hello +2\/3 +1 +1 +1 +0 +0 +- +- +3 min +-$/m)
    expect(out).toMatch(
      /^mail is paused until it is resumed, by service_role .* ago, because the bank is closed\. To go on: select supaqueue\.resume\('mail'\);$/m,
    )
  })

  test('says first what keeps all queues from moving, and what fixes it', async ({ database, harness }) => {
    await harness.queue({ name: 'mail' })
    await harness.db.query(
      `update supaqueue.dispatch set refused_at = now(), refused_since = now() - interval '4 minutes',
      refusals = 9, status = 401, code = 'UNAUTHORIZED_NO_AUTH_HEADER'`,
    )

    const { out } = await run(database, ['status'])

    expect(out).toMatch(
      /^ERROR: no job is begun: wake-ups have been refused for 4 min \(9 so far\): the platform turns/m,
    )
    expect(out).toMatch(/^ {2}To fix it: supabase functions deploy supaqueue --no-verify-jwt$/m)
    await harness.db.query('update supaqueue.dispatch set refused_at = null')
  })

  test('ends with the processes that live: since when, what each serves and leads', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1 })
    const id = randomUUID()
    await live(harness, { id, name: 'host-1 100', lease: '55 seconds' })
    await harness.turn(id.slice(0, 13) + randomUUID().slice(13), queue)

    const { out } = await run(database, ['status'])
    await harness.db.query('delete from supaqueue.process')

    expect(out).toMatch(/^process host-1 100: alive for \d+ s, serves all queues, leads mail$/m)
    expect((await run(database, ['status'])).out).not.toContain('process')
  })

  test('is an array for programs', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1, paused: true })
    await harness.job(queue, { due: '-3 minutes' })

    const { out } = await run(database, ['status', '--json'])

    expect(JSON.parse(out)).toEqual([{
      queue: 'mail',
      calls: 'hello',
      paused: true,
      paused_until: null,
      paused_reason: null,
      workers: 1,
      busy: 0,
      waiting: 1,
      planned: 0,
      held: 0,
      failed: 0,
      per_minute: 0,
      drains_per_minute: 0,
      empty_seconds: null,
      error_rate: null,
      p50_ms: null,
      p95_ms: null,
      oldest_seconds: expect.any(Number),
      max_rps: null,
      open_until: null,
      open_reason: null,
      open_target: null,
      set_aside: 0,
      set_aside_reason: null,
      fault: expect.anything(),
      remedy: expect.anything(),
    }])
  })

  test('shows which URL a queue calls, and why it is left alone', async ({ database, harness }) => {
    await harness.queue({ name: 'hooks', url: 'https://api.example.com/hook?key=quiet' })
    await harness.queue({ name: 'mail' })
    await harness.db.query(
      `insert into supaqueue.circuit (target, open_until, reason)
       values ('host api.example.com', '2100-01-01T00:00:00Z', 'HTTP 503')`,
    )

    const { out } = await run(database, ['status'])
    const json = await run(database, ['status', '--json'])

    expect(out).toMatch(/^hooks +https:\/\/api\.example\.com\/hook +0\/0 /m)
    expect(out).toMatch(
      /^calls of the host api\.example\.com are held back: .*\(HTTP 503\).*To fix it: select supaqueue\.try_target\('hooks'\);$/m,
    )
    expect(out).not.toContain('quiet')
    expect(out).not.toMatch(/^mail: /m)
    expect(JSON.parse(json.out)).toContainEqual(expect.objectContaining({
      calls: 'https://api.example.com/hook',
      open_until: '2100-01-01T00:00:00Z',
      open_reason: 'HTTP 503',
    }))
  })

  test('says that a queue with jobs has no worker, and what adds one', async ({ database, harness }) => {
    await harness.job(await harness.queue({ name: `Ada's` }))

    const { out } = await run(database, ['status'])
    const [, statement] = /has no worker: (.*)$/m.exec(out) ?? []
    await harness.db.query(statement!)

    expect((await run(database, ['status'])).out).not.toContain('has no worker')
  })

  test('says what was set aside, why, and how it is tried again', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1 })
    const job = await harness.job(queue, { status: 'held' })
    await harness.db.query(
      `select supaqueue_internal.put_aside('begin', $1::text, '23503', 'mine.report has no row for it', $2, $1::bigint)`,
      [job, queue],
    )

    const { out } = await run(database, ['status'])
    const [, statement] = /To try again: (.*)$/m.exec(out) ?? []
    await harness.db.query(statement!)

    expect(out).toContain(`mail has 1 set aside, such as begin ${job}: mine.report has no row for it.`)
    expect((await run(database, ['status'])).out).not.toContain('set aside')
  })

  test('says how to begin where there is no queue', async ({ database }) => {
    expect((await run(database, ['status'])).out).toContain('select supaqueue.create_queue')
  })

  test('draws bars in a terminal, and leaves out what does not fit', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 2 })
    await harness.job(queue)
    await harness.processJobs(queue)
    await harness.job(await harness.queue({ name: 'films' }))

    const wide = await run(database, ['status'], { columns: 160 })
    const narrow = await run(database, ['status'], { columns: 60 })

    expect(wide.out).toMatch(/^mail +hello +█████░░░░░ 1\/2 +░░░░░░░░░░ 0 /m)
    expect(wide.out).toMatch(/^films +hello +░░░░░░░░░░ 0\/0 +██████████ 1 /m)
    expect(narrow.out).toMatch(/^queue +running +waiting +failed/m)
    expect(narrow.out).not.toContain('hello')
    expect(
      Math.max(
        ...narrow.out.split('\n').filter((line) => /^(queue|films|mail) +/.test(line) && !line.includes('has no')).map((
          line,
        ) => line.length),
      ),
    ).toBeLessThanOrEqual(60)
  })

  test('watched, draws page after page over the one before until Ctrl-C, and ends well', async ({ database, harness }) => {
    await harness.queue({ name: 'mail' })

    const { code, drawn, out } = await run(database, ['status', '--watch', '--every-seconds', '0.2'], {
      columns: 120,
      pages: 3,
    })

    expect(code).toBe(0)
    expect(out).toBe('')
    expect(drawn).toHaveLength(3)
    expect(drawn.map((lines) => lines.some((line) => line.startsWith('mail ')))).toEqual([true, true, true])
  })

  test('watched, goes on when the database was away', async ({ database, harness }) => {
    await harness.queue({ name: 'mail' })
    const drawn: string[] = []
    const enough = new AbortController()
    const admin = await database.connect('admin')

    const code = await main(['status', '--watch', '--every-seconds', '0.2'], {
      ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
      interrupted: () => enough.signal,
      screen: {
        columns: 120,
        draw(lines) {
          drawn.push(lines.some((line) => line.startsWith('mail ')) ? 'queues' : lines.at(-1)!)
          if (drawn.length === 1) void cutOff()
          if (drawn.at(-1) === 'queues' && drawn.some((line) => line !== 'queues')) enough.abort()
        },
      },
    })

    expect(code).toBe(0)
    expect(drawn.find((line) => line !== 'queues')).toMatch(/^The database does not answer: \S/)

    function cutOff() {
      return admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'supaqueue' and datname = current_database()`,
      )
    }
  })

  test('watched by a program, is a line each time, and shows what has changed', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    const program = join(import.meta.dirname, '../../../../scripts/cli/supaqueue.ts')
    const env = { PATH: process.env.PATH, SUPAQUEUE_DB_URL: database.ownerUrl }
    const args = ['--import', 'tsx', program, 'status', '--watch', '--json', '--every-seconds', '0.2']
    const watching = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(watching, 'exit')

    const waiting: number[] = []
    for await (const line of createInterface({ input: watching.stdout })) {
      waiting.push(JSON.parse(line)[0].waiting)
      if (waiting.length === 1) await harness.job(queue)
      if (waiting.at(-1) === 1) break
    }
    watching.kill('SIGINT')

    expect(waiting[0]).toBe(0)
    expect(await ended).toEqual([0, null])
  })
})

describe('job', () => {
  test('tells where it stands and why, and then what happened so far', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1, max_attempts: 5 })
    const job = await harness.job(queue, { payload: { to: 'ada' }, priority: 5 })
    const [taken] = await harness.take(randomUUID(), queue)
    const report = { error: 'HTTP 500: no such user', status: 500, ms: 1200, retry_after_ms: 3_600_000 }
    await harness.report(randomUUID(), queue, [taken!.current_job.id], 'failed', report)

    const { code, out } = await run(database, ['job', String(job)])

    expect(code).toBe(0)
    expect(out).toMatch(
      new RegExp(`^Job ${job} of mail: waits: is due in .*\\(attempt 1 failed: HTTP 500: no such user\\)\n`),
    )
    expect(out).toMatch(/^ {2}status +pending$/m)
    expect(out).toMatch(/^ {2}due +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(in \d+ min\)$/m)
    expect(out).toMatch(/^ {2}attempts +1 of 5$/m)
    expect(out).toMatch(/^ {2}priority +5$/m)
    expect(out).not.toMatch(/^ {2}(dedupe key|version|ended)|^(State|Result|Waits for)/m)
    expect(out).toMatch(/^Attempts\n +# +ended +took +outcome +error$/m)
    expect(out).toMatch(/^ +1 +\d.* ██████████ 1200 ms +failed 500 +HTTP 500: no such user$/m)
    expect(out).toMatch(/^Payload\n {2}\{\n {4}"to": "ada"\n {2}\}$/m)
  })

  test('that runs shows its lease and how far it is', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1 })
    const job = await harness.job(queue)
    const [taken] = await harness.take(randomUUID(), queue)
    await harness.progress(taken!.current_job.id, 25, 'a quarter')

    const { out } = await run(database, ['job', String(job)])

    expect(out).toContain(`Job ${job} of mail: attempt 1 is being called for`)
    expect(out).toMatch(/^ {2}lease until +.* \(in \d+ s\)$/m)
    expect(out).toMatch(/^ {2}progress +█████░{15} 25 %: a quarter$/m)
  })

  test('of a pipeline shows what it waits for, and what waits for it', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    const [first, second, last] = await harness.jobs(queue, 3) as [number, number, number]
    await harness.db.query('select supaqueue.depend($1, array[$2::bigint])', [second, first])
    await harness.db.query(`select supaqueue.depend($1, array[$2::bigint], 'run')`, [last, second])

    const { out } = await run(database, ['job', String(second)])

    expect(out).toContain(`Job ${second} of mail: held by 1 source that has not ended`)
    expect(out).toContain(`Waits for\n  ${first} of mail: pending`)
    expect(out).toContain(`Waited for by\n  ${last} of mail: held, on failure: run`)
  })

  test('in steps shows what ran and how long, and what it waits for', async ({ database, harness }) => {
    const { job, token } = await called(harness, { name: 'mail' })
    const { note, suspend } = steps(harness)
    await note(token, [{ name: 'charge', attempt: 2, ms: 1200 }, {
      name: 'render',
      kind: 'map',
      items: 2,
      status: 'running',
    }])
    await note(token, [{ name: 'render', place: 2, item: 1, ms: 20 }])
    await suspend(token, [{ name: 'approval', place: 3, kind: 'wait', after_ms: 86_400_000 }])

    const { out } = await run(database, ['job', String(job)])

    expect(out).toMatch(new RegExp(`^Job ${job} of mail: waits for the signal approval since .*, until \\w+day`))
    expect(out).toMatch(/^Steps\n +step +status +begun +took/m)
    expect(out).toMatch(/^ +charge +done, try 2 +\d.* 1200 ms/m)
    expect(out).toMatch(/^ +render, 2 items +running/m)
    expect(out).toMatch(/^ +render \[0\] +done .* 20 ms/m)
    expect(out).toMatch(/^ +approval +waiting +.*until .* \(in (\d+ h|\d+ min|1 day)/m)
  })

  test('shows ids of many digits to the letter, to people and to programs', async ({ database, harness }) => {
    await harness.queue({ name: 'digits' })
    const { rows: [{ job }] } = await harness.db.query(
      `select supaqueue.enqueue('digits', '{"id": 12345678901234567890}') as job`,
    )

    for (const more of [[], ['--json']]) {
      expect((await run(database, ['job', String(job), ...more])).out).toMatch(/^ +"id": 12345678901234567890$/m)
    }
  })

  test('that has ended shows its result, cut when it is long', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 1 })
    const job = await harness.job(queue)
    const [taken] = await harness.take(randomUUID(), queue)
    await harness.finish(taken!.current_job.id, 'complete', { result: { text: 'x'.repeat(3000) } })

    const { out } = await run(database, ['job', String(job)])

    expect(out).toContain(`Job ${job} of mail: succeeded`)
    expect(out).toMatch(/^Result$[\s\S]*\.\.\. and \d+ characters more: --json$/m)
    expect(JSON.parse((await run(database, ['job', String(job), '--json'])).out)).toMatchObject({
      queue: 'mail',
      job: { id: job, status: 'success', attempts: 1 },
      explain: { text: expect.stringContaining('succeeded'), reasons: [] },
      result: { text: 'x'.repeat(3000) },
      lease: null,
      tries: [],
      sources: [],
      targets: [],
    })
  })

  test('cannot steer the terminal by what it brings along', async ({ database, harness }) => {
    const queue = await harness.queue({ name: 'mail', paused: true })
    const job = await harness.job(queue, { payload: { to: 'ada \x9b2J' } })
    await harness.update('job', job, { error: 'gone \x1b[2J', attempts: 1 })

    const { out } = await run(database, ['job', String(job)])

    expect(out).toContain('gone \\u001b[2J')
    expect(out).toContain('ada \\u009b2J')
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  test('that is not there is SQ404, with what to do, and exit code 5', async ({ database }) => {
    const { code, out, notes } = await run(database, ['job', '4711'])

    expect(code).toBe(5)
    expect(out).toBe('')
    expect(notes).toMatch(/^SQ404: there is no job 4711\nWhat to do: \S/)
  })

  test('is asked for by a number', async ({ database }) => {
    const { code, notes } = await run(database, ['job', 'mail'])

    expect(code).toBe(2)
    expect(notes).toContain('jobs have numbers')
  })
})

describe('failures', () => {
  /** Three jobs that failed alike, and one in another queue. */
  async function fail(harness: Harness) {
    const failed = async (name: string, errors: string[]) => {
      const queue = await harness.queue({ name, workers: errors.length })
      await harness.jobs(queue, errors.length)
      const taken = await harness.take(randomUUID(), queue)
      for (const [i, { current_job: { id } }] of taken.entries()) {
        await harness.report(randomUUID(), queue, [id], 'killed', { error: errors[i], status: 500 })
      }
      return taken.map(({ job }) => job.id)
    }
    await failed('films', ['no reel'])
    return await failed(`Ada's mail`, ['no user 1', 'no user 2', 'no user 3'])
  }

  test('are shown by what jobs failed of, the most frequent first', async ({ database, harness }) => {
    const jobs = await fail(harness)

    const { code, out } = await run(database, ['failures'])

    const [head, first, second] = out.split('\n')
    expect(code).toBe(0)
    expect(head).toMatch(/^queue +jobs +first +last +example +failed of$/)
    expect(first).toMatch(new RegExp(`^Ada's mail +3 +\\d+ s ago +\\d+ s ago +${jobs.at(-1)} +killed 500: no user #$`))
    expect(second).toMatch(/^films +1 .* killed 500: no reel$/)
    expect(out).toContain(`pnpm supaqueue job ${jobs.at(-1)}`)
  })

  test('come with the commands that put them back, which run as they stand', async ({ database, harness }) => {
    await fail(harness)

    const { out } = await run(database, ['failures'])
    for (const [, words] of out.matchAll(/pnpm supaqueue (retry-failed .*)$/gm)) {
      // As a shell reads them.
      const args = execFileSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' }).split('\0').slice(0, -1)
      await run(database, [...args, '--yes'])
    }

    const { rows } = await harness.db.query(
      'select status, count(*) from supaqueue.job group by status order by status',
    )
    expect(rows).toEqual([{ status: 'pending', count: 3 }, { status: 'failed', count: 1 }])
  })

  test('of one queue are those of that queue', async ({ database, harness }) => {
    await fail(harness)

    expect(JSON.parse((await run(database, ['failures', '--queue', 'films', '--json'])).out)).toEqual([{
      queue: 'films',
      fingerprint: 'killed 500: no reel',
      jobs: 1,
      first_seen: expect.stringMatching(/^\d{4}-/),
      last_seen: expect.stringMatching(/^\d{4}-/),
      example_job: expect.any(Number),
      example_error: 'no reel',
    }])
  })

  test('of a queue that is not there are SQ404, and the queue that was meant is named', async ({ database, harness }) => {
    await fail(harness)

    const { code, notes } = await run(database, ['failures', '--queue', 'film'])

    expect(code).toBe(5)
    expect(notes).toMatch(/^SQ404: there is no queue 'film'\nWhat to do: .*'films'/)
  })

  test('where none is, say so', async ({ database }) => {
    expect((await run(database, ['failures'])).out).toBe('No job has failed.')
    expect((await run(database, ['failures', '--json'])).out).toBe('[]')
  })
})
