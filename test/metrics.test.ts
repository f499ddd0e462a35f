import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '../scripts/dev/stack.ts'
import { missing, promtool, startPrometheus } from './docs/prometheus.ts'
import { alertsFile, dashboardQueries } from './docs/queries.ts'
import { startWitness, type Witness, witnessFunctions } from './support/witness.ts'
import { until } from './support/until.ts'

// What happens on a whole stack is found in the metrics, and a real Prometheus that scrapes them has data for every
// panel of the dashboard.

let witness: Witness
let stack: Stack
let db: pg.Client
let url: URL
let key: string

/** The page as Prometheus gets it, from the HTTP API. */
async function page(): Promise<string> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  if (!response.ok) throw new Error(await response.text())
  return await response.text()
}

const sample = async (name: string, queue: string): Promise<number> => {
  const line = (await page()).split('\n').find((line) => line.startsWith(`supaqueue_${name}{queue="${queue}"}`))
  return Number(line!.split(' ').at(-1))
}

/** A queue of five workers that retries once, at once. Its name is one of its own: a test may be tried twice. */
async function makeQueue(prefix: string): Promise<{ queue: string; name: string }> {
  const name = `${prefix} ${crypto.randomUUID()}`
  const { rows: [{ id }] } = await db.query(
    `insert into supaqueue.queue (name, edge_function_name, max_attempts, retry_base_ms) values ($1, 'witness', 2, 0) returning id`,
    [name],
  )
  await db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, 5)', [id])
  return { queue: id, name }
}

const insertJobs = (queue: string, count: number) =>
  db.query(
    `insert into supaqueue.job (queue, payload) select $1, jsonb_build_object('n', n) from generate_series(1, $2) as n`,
    [
      queue,
      count,
    ],
  )

const untilEnded = (queue: string) =>
  until(async () => {
    const { rows } = await db.query(
      `select from supaqueue.job where queue = $1 and status in ('pending', 'in_progress') limit 1`,
      [queue],
    )
    return rows.length === 0
  })

beforeAll(async () => {
  witness = await startWitness()
  stack = await startStack({
    functions: [witnessFunctions],
    environment: witness.environment,
    postgres: { inMemory: true },
  })
  db = new pg.Client({ connectionString: stack.databaseUrl })
  await db.connect()
  url = new URL(`${stack.apiUrl}/functions/v1/supaqueue-api/metrics`)
  key = (await db.query(`select supaqueue.create_api_key('prometheus', '{metrics}') as key`)).rows[0].key
})

afterAll(async () => {
  await db?.end()
  await stack?.stop()
  await witness?.close()
})

describe('the metrics of a whole stack', () => {
  test('count what happened, and go on doing so while the sweep adds it up', async () => {
    const { queue, name } = await makeQueue('counted')
    witness.answerWith(({ payload }) => ({ status: payload.n % 4 === 0 ? 500 : 200 }))
    await insertJobs(queue, 20)
    await untilEnded(queue)

    const seen = async () => ({
      started: await sample('attempts_started_total', name),
      succeeded: await sample('jobs_succeeded_total', name),
      failed: await sample('jobs_failed_total', name),
      retried: await sample('attempts_retried_total', name),
      calls: await sample('call_duration_seconds_count', name),
      waits: await sample('wait_seconds_count', name),
    })
    const expected = { started: 25, succeeded: 15, failed: 5, retried: 5, calls: 25, waits: 25 }
    expect(await seen()).toEqual(expected)
    expect(await sample('wake_ups_sent_total', name)).toBeGreaterThan(0)
    expect(await sample('runs_total', name)).toBeGreaterThan(0)

    // It counts what was inserted, once nobody can still insert an older one.
    await until(async () => {
      await db.query('select supaqueue.sweep()')
      const { rows } = await db.query('select from supaqueue.counter_delta where call_ms is not null')
      return rows.length === 0 && await sample('jobs_enqueued_total', name) === 20
    })
    expect(await seen()).toEqual(expected)
  })

  test('can be scraped wherever the project is built, or this is not CI', () => {
    if (missing.length > 0) {
      console.log(`the metrics were NOT scraped: ${missing.join(' and ')} not found (docs/metrics.md)`)
    }
    if (process.env.CI) expect(missing).toEqual([])
  })

  if (missing.length > 0) return

  test('are without fault to promtool', async () => {
    const { queue } = await makeQueue('a "b" \\ c')
    await insertJobs(queue, 3)
    await untilEnded(queue)

    expect(await promtool(['check', 'metrics'], await page())).toBe('')
  })

  test('are scraped by Prometheus, whose rules and every panel of the dashboard find data in them', async () => {
    const { queue, name } = await makeQueue('scraped')
    witness.answerWith(({ payload }) => ({ status: payload.n % 10 === 0 ? 500 : 200 }))
    const prometheus = await startPrometheus(url, key, [alertsFile])
    try {
      const empty = new Map(dashboardQueries())
      await until(async () => {
        await insertJobs(queue, 10)
        await untilEnded(queue)
        // What is only there when something is wrong, and a process that lives and serves no queue of these. Each time: a
        // sweep that is under way writes over it.
        await db.query(`
          update supaqueue.chore set failures = 1, next_try_at = now() + interval '50 minutes'
          where place = (select max(place) from supaqueue.chore);
          insert into supaqueue.trouble (kind, subject, code, reason, next_try_at)
          values ('schedule', 'none', 'P0001', 'made by hand', '2100-01-01')
          on conflict on constraint trouble_pkey do nothing;
          insert into supaqueue.process (id, name, queues, lease_until)
          values ('5d0e6d0c-2f7c-4f6e-8f5e-0c1d2e3f4a5b', 'by hand', '{none}', clock_timestamp() + interval '50 seconds')
          on conflict (id) do update set lease_until = excluded.lease_until`)
        for (const [title, query] of [...dashboardQueries()]) {
          const found = await prometheus.query(query)
          if (found.some(({ value }) => Number.isFinite(value))) empty.delete(title)
        }
        return empty.size === 0
      }).catch((reason) => expect([...empty], String(reason)).toEqual([]))

      expect(await prometheus.target()).toMatchObject({ health: 'up', lastError: '' })
      expect((await prometheus.rules()).filter(({ health }) => health === 'err')).toEqual([])
      expect(await prometheus.query(`supaqueue_workers{queue="${name}"}`)).toMatchObject([{ value: 5 }])
    } finally {
      await prometheus.stop()
    }
  })
})
