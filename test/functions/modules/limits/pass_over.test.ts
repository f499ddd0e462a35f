import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()
const at = (host: string) => `https://${host}/hook`
const HOSTS = ['own.test', 'one.test', 'two.test', 'three.test']

/** A queue whose jobs may lead to several hosts, and a run that keeps it awake. */
async function mixed(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}): Promise<string> {
  const queue = await harness.queue({ url: at('own.test'), allowed_hosts: HOSTS.slice(1), workers: 10, ...settings })
  await harness.turn(run, queue)
  return queue
}

const open = (harness: Harness, queue: string, host: string, left = '1 minute') =>
  harness.openCircuit(queue, left, 1, `host ${host}`)

const taken = async (harness: Harness, queue: string, room = 25) =>
  (await harness.take(run, queue, room)).map(({ job }) => job.id)

/** In how many milliseconds a job is due. */
const dueIn = async (harness: Harness, job: number): Promise<number> =>
  (await harness.db.query(
    'select extract(epoch from run_at - clock_timestamp())::float8 * 1000 as ms from supaqueue.job where id = $1',
    [job],
  )).rows[0].ms

describe('while one host of a queue is left alone', () => {
  test('its jobs are put off until it is tried again, and those of other hosts go on', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'one.test')
    const dead = await harness.job(queue, { url: at('one.test') })
    const own = await harness.job(queue)
    const other = await harness.job(queue, { url: at('two.test') })

    expect(await taken(harness, queue)).toEqual([own, other])

    const { open_until } = await harness.circuit(queue, 'host one.test')
    expect((await harness.jobRow(dead)).run_at).toEqual(open_until)
    expect(await harness.jobRow(dead)).toMatchObject({ status: 'pending', attempts: 0, deferrals: 0 })
  })

  test('a healthy job behind hundreds of its own is begun by the very turn', async ({ harness }) => {
    const queue = await mixed(harness, { workers: 1 })
    await open(harness, queue, 'one.test')
    await harness.db.query(
      `insert into supaqueue.job (queue, url, priority) select $1, $2, n % 3 from generate_series(1, 2500) as n`,
      [queue, at('one.test')],
    )
    const healthy = await harness.job(queue, { priority: -1 })

    expect(await taken(harness, queue, 1)).toEqual([healthy])
  })

  test('jobs of the url of the queue itself are put off, too, when it is that host', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'own.test')
    await harness.job(queue)
    const other = await harness.job(queue, { url: at('two.test') })

    expect(await taken(harness, queue)).toEqual([other])
  })

  test('a job of a paused queue that is run by hand is not begun', async ({ harness }) => {
    const queue = await mixed(harness, { paused: true })
    await open(harness, queue, 'one.test')
    const dead = await harness.job(queue, { url: at('one.test') })
    const other = await harness.job(queue, { url: at('two.test') })

    await harness.db.query('select supaqueue.run_now($1), supaqueue.run_now($2)', [dead, other])

    expect(await harness.inProgress(queue)).toEqual([other])
    expect(await dueIn(harness, dead)).toBeLessThanOrEqual(0)
  })

  test('a job that a trigger of the user’s does not let be put off is set aside, and stops no other', async ({ harness, another }) => {
    const admin = await another('admin')
    await admin.db.query(`
      create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''not this one''; end';
      create trigger refuse before update of run_at on supaqueue.job
        for each row when (new.payload ->> 'stubborn' = 'yes') execute function public.refuse()`)
    const queue = await mixed(harness, { workers: 1 })
    await open(harness, queue, 'one.test')
    const stubborn = await harness.job(queue, { url: at('one.test'), payload: { stubborn: 'yes' } })
    const dead = await harness.job(queue, { url: at('one.test') })
    const healthy = await harness.job(queue)

    expect(await taken(harness, queue, 1)).toEqual([healthy])
    await admin.db.query('drop trigger refuse on supaqueue.job; drop function public.refuse()')

    expect(await dueIn(harness, dead)).toBeGreaterThan(0)
    const { rows } = await harness.db.query('select kind, reason from supaqueue.trouble where job = $1', [stubborn])
    expect(rows).toEqual([{ kind: 'begin', reason: 'not this one' }])
  })

  test('they come back at once when somebody closes it', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'one.test')
    const dead = await harness.job(queue, { url: at('one.test') })
    const later = await harness.job(queue, { url: at('one.test'), due: '2 minutes' })
    await taken(harness, queue)

    await harness.db.query('update supaqueue.circuit set open_until = null')

    expect(await taken(harness, queue)).toEqual([dead])
    expect(await dueIn(harness, later)).toBeGreaterThan(60_000)
  })
})

describe('a host that nobody reaches', () => {
  test('is left alone by every queue that calls it, and they try it with one call in all', async ({ harness, another }) => {
    const one = await mixed(harness)
    const other = await mixed(harness)
    const single = await harness.queue({ url: at('one.test'), workers: 5 })
    const elsewhere = await harness.queue({ url: at('two.test'), workers: 5 })
    for (let job = 0; job < 5; job++) await harness.job(one, { url: at('one.test') })
    const tokens = (await harness.take(run, one)).map(({ current_job }) => current_job.id)
    await harness.report(run, one, tokens, 'failed', { reached: false, error: 'no answer: refused' })
    await harness.job(other, { url: at('one.test') })
    await harness.job(single)
    await harness.job(elsewhere)

    const while_open = await Promise.all([one, other, single].map((queue) => harness.take(run, queue)))

    expect(while_open.flat()).toEqual([])
    expect(await harness.circuit(single)).toMatchObject({ open: true, reason: 'no answer: refused' })
    expect(await harness.currentJobs(elsewhere)).toHaveLength(1)

    await open(harness, one, 'one.test', '-1 second')
    await harness.db.query(`update supaqueue.job set run_at = now() where queue = any ($1) and status = 'pending'`, [
      [one, other, single],
    ])
    const sessions = await Promise.all([another(), another(), another()])
    const probes = await Promise.all(
      sessions.map((session, i) => session.take(randomUUID(), [one, other, single][i]!)),
    )

    const running = (await Promise.all([one, other, single].map((queue) => harness.currentJobs(queue)))).flat()
    expect(running).toHaveLength(1)
    expect(probes.flat().length).toBeLessThanOrEqual(1)
  })

  test('fails its jobs by their attempts, as before', async ({ harness }) => {
    const queue = await mixed(harness, { max_attempts: 1 })
    const job = await harness.job(queue, { url: at('one.test') })
    const [taken] = await harness.take(run, queue)

    await harness.report(run, queue, [taken!.current_job.id], 'failed', { reached: false })

    expect((await harness.jobRow(job)).status).toBe('failed')
    expect(await harness.circuit(queue, 'host one.test')).toMatchObject({ failures: 1, open: false })
  })

  test('does not open by calls that cannot be sent', async ({ harness }) => {
    const queue = await mixed(harness)
    for (let job = 0; job < 5; job++) await harness.job(queue, { url: at('one.test') })
    const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)

    await harness.report(run, queue, tokens, 'killed', { reached: false })

    expect(await harness.circuit(queue, 'host one.test')).toMatchObject({ failures: 0, open: false })
  })
})

describe('once a host has been left alone for its time', () => {
  test('the job that was tried least is tried, and the others follow when it got through', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'one.test', '-1 second')
    const tried = await harness.job(queue, { url: at('one.test'), attempts: 2, priority: 1 })
    const fresh = await harness.job(queue, { url: at('one.test') })
    const other = await harness.job(queue, { url: at('two.test') })

    const probes = await harness.take(run, queue)
    const more = await taken(harness, queue)
    const probe = probes.find(({ job }) => job.id === fresh)!
    await harness.report(run, queue, [probe.current_job.id], 'success')

    expect(probes.map(({ job }) => job.id).sort()).toEqual([fresh, other].sort())
    expect(more).toEqual([])
    expect(await dueIn(harness, tried)).toBeLessThanOrEqual(1_010)
    expect(await harness.circuit(queue, 'host one.test')).toMatchObject({ failures: 0, open_until: null })
  })

  test('and there is one worker, the job that was tried least is tried all the same', async ({ harness }) => {
    const queue = await mixed(harness, { workers: 1 })
    await open(harness, queue, 'one.test', '-1 second')
    await harness.job(queue, { url: at('one.test'), attempts: 2, priority: 1 })
    const fresh = await harness.job(queue, { url: at('one.test') })

    expect(await taken(harness, queue)).toEqual([fresh])
  })

  test('and the call was deferred again, it is left alone for twice as long', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'one.test', '-1 second')
    await harness.job(queue, { url: at('one.test') })
    const [probe] = await harness.take(run, queue)

    await harness.report(run, queue, [probe!.current_job.id], 'deferred', { retry_after_ms: 0 })

    expect(await harness.circuit(queue, 'host one.test')).toMatchObject({
      failures: 6,
      openings: 2,
      tried_at: null,
      open: true,
    })
  })

  test('another is tried when nobody knows what became of the one', async ({ harness }) => {
    const queue = await mixed(harness)
    await open(harness, queue, 'one.test', '-1 second')
    await harness.job(queue, { url: at('one.test') })
    const [probe] = await harness.take(run, queue)

    await harness.report(run, queue, [probe!.current_job.id], 'unknown')
    const next = await harness.job(queue, { url: at('one.test') })

    expect(await taken(harness, queue)).toEqual([next])
  })
})

test('whatever the hosts are like, a turn begins what can be called, and one job per host that is to be tried', async ({ harness }) => {
  const states = fc.constantFrom('closed', 'open', 'half open')
  const jobs = fc.array(
    fc.record({
      host: fc.constantFrom(...HOSTS),
      priority: fc.integer({ min: 0, max: 2 }),
      attempts: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(states, states, states, states),
      jobs,
      fc.integer({ min: 1, max: 12 }),
      async (is, given, room) => {
        await harness.db.query('delete from supaqueue.circuit')
        const queue = await mixed(harness, { workers: 12 })
        const state = new Map(HOSTS.map((host, i) => [host, is[i]!]))
        for (const [host, how] of state) {
          if (how !== 'closed') await open(harness, queue, host, how === 'open' ? '1 minute' : '-1 second')
        }
        await harness.begin()
        const hostOf = new Map<number, string>()
        for (const { host, ...job } of given) {
          hostOf.set(await harness.job(queue, { ...job, ...(host === 'own.test' ? {} : { url: at(host) }) }), host)
        }
        await harness.commit()

        const begun = (await taken(harness, queue, room)).map((job) => hostOf.get(job)!)

        const callable = HOSTS.reduce((sum, host) => {
          const waiting = [...hostOf.values()].filter((one) => one === host).length
          return sum + { closed: waiting, open: 0, 'half open': Math.min(waiting, 1) }[state.get(host)!]!
        }, 0)
        expect(begun).toHaveLength(Math.min(room, callable))
        for (const host of HOSTS) {
          const calls = begun.filter((one) => one === host).length
          if (state.get(host) === 'open') expect(calls).toBe(0)
          if (state.get(host) === 'half open') expect(calls).toBeLessThanOrEqual(1)
        }
        const { rows: late } = await harness.db.query(
          `select id from supaqueue.job where queue = $1 and status = 'pending' and run_at > clock_timestamp()`,
          [queue],
        )
        expect(late.filter(({ id }) => state.get(hostOf.get(id)!) === 'closed')).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

test('a queue whose jobs lead to one target does not ask', async ({ another }) => {
  const admin = await another('admin')
  await admin.db.query(`set track_functions = 'all'`)
  const calls = async (settings: Parameters<Harness['queue']>[0]) => {
    await admin.begin()
    await admin.db.query('delete from supaqueue.circuit')
    const queue = await admin.queue({ workers: 2, ...settings })
    await admin.jobs(queue, 2)
    expect(await admin.take(run, queue)).toHaveLength(2)
    const { rows } = await admin.db.query(
      `select coalesce(pg_stat_get_xact_function_calls(oid), 0)::integer as calls from pg_proc
       where proname in ('pass_over', 'target_of') order by proname`,
    )
    await admin.rollback()
    return rows.map((row) => row.calls)
  }

  expect(await calls({})).toEqual([0, 0])
  expect(await calls({ url: at('well.test') })).toEqual([0, 0])
  expect(await calls({ url: at('well.test'), allowed_hosts: ['too.test'] })).toEqual([1, 0])
})
