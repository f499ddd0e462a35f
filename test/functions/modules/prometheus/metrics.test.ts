import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { fold, happened } from '../metrics/counters.ts'
import { live } from '../processes/live.ts'

const metrics = async (harness: Harness): Promise<string> =>
  (await harness.db.query('select supaqueue.metrics() as text')).rows[0].text

/** Every sample: its name and labels to its value. */
const samples = async (harness: Harness): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await metrics(harness)).split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
      const place = line.lastIndexOf(' ')
      return [line.slice(0, place), Number(line.slice(place + 1))]
    }),
  )

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

describe('metrics', () => {
  test('tell of each queue what happened and how it stands', async ({ harness }) => {
    const queue = await harness.queue({ name: 'mail', workers: 2 })
    const run = randomUUID()
    await harness.turn(run, queue)
    await harness.jobs(queue, 5)
    await harness.job(queue, { due: '-1 hour' })
    await harness.job(queue, { due: '1 hour' })
    await harness.take(run, queue)
    await happened(harness, queue, {
      ended: ['success', 'success', 'failed', 'retried', 'retried', 'retried', 'deferred'],
    })
    await happened(harness, queue, { leases_lost: 4, duplicates: 5, wake_ups: 6, runs: 7 })
    await harness.queue({ name: 'push', paused: true })

    const seen = await samples(harness)

    const of = (name: string, queue = 'mail') => seen[`supaqueue_${name}{queue="${queue}"}`]
    expect(of('attempts_started_total')).toBe(2)
    expect(of('jobs_succeeded_total')).toBe(2)
    expect(of('jobs_failed_total')).toBe(1)
    expect(of('attempts_retried_total')).toBe(3)
    expect(of('calls_deferred_total')).toBe(1)
    expect(of('leases_lost_total')).toBe(4)
    expect(of('duplicates_refused_total')).toBe(5)
    expect(of('wake_ups_sent_total')).toBe(6)
    expect(of('wake_ups_received_total')).toBe(7)
    expect(of('runs_total')).toBe(7)
    expect(of('jobs_waiting')).toBe(5)
    expect(of('jobs_running')).toBe(2)
    expect(of('workers')).toBe(2)
    expect(of('queue_paused')).toBe(0)
    expect(of('queue_paused', 'push')).toBe(1)
    expect(of('jobs_waiting', 'push')).toBe(0)
    expect(of('oldest_due_age_seconds', 'push')).toBe(0)
  })

  test('tell which processes live, how many queues each leads, and how many are missed', async ({ harness }) => {
    await harness.db.query('delete from supaqueue.process')
    const queue = await harness.queue({ name: 'led' })
    const id = randomUUID()
    const about = async () =>
      Object.fromEntries(
        Object.entries(await samples(harness)).filter(([name]) => name.startsWith('supaqueue_process')),
      )

    expect(await about()).toEqual({})
    await live(harness, { id, name: 'a "host" 1', functions: false })
    await live(harness, { name: 'dead', lease: '-1 second' })
    await harness.turn(id.slice(0, 13) + randomUUID().slice(13), queue)

    expect(await about()).toEqual({
      'supaqueue_processes{state="alive"}': 1,
      'supaqueue_processes{state="silent"}': 1,
      [`supaqueue_process_queues_led{process="a \\"host\\" 1",id="${id}"}`]: 1,
    })
    await harness.db.query('delete from supaqueue.process')
  })

  test('tell for how long the oldest job has been due, and nothing of those that are not', async ({ harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    const age = async () => (await samples(harness))['supaqueue_oldest_due_age_seconds{queue="mail"}']
    await harness.job(queue, { due: '1 hour' })
    expect(await age()).toBe(0)

    await harness.job(queue, { due: '-2 minutes', priority: -1 })
    await harness.job(queue, { due: '-1 minute', priority: 5 })

    expect(await age()).toBeGreaterThanOrEqual(120)
    expect(await age()).toBeLessThan(180)
  })

  test('tell whether a circuit is open', async ({ harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    await harness.openCircuit(queue)
    expect(await samples(harness)).toMatchObject({ 'supaqueue_circuit_open{queue="mail"}': 1 })

    await harness.openCircuit(queue, '-1 second')
    expect(await samples(harness)).toMatchObject({ 'supaqueue_circuit_open{queue="mail"}': 0 })
  })

  test('have histograms whose steps hold all that are below, up to how many there are', async ({ harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    await happened(harness, queue, { call_ms: [3, 100, 100, 2000, 100_000_000], turn_ms: 4 })
    await fold(harness)
    await happened(harness, queue, { call_ms: [100] })

    const seen = await samples(harness)

    const below = (le: string) => seen[`supaqueue_call_duration_seconds_bucket{queue="mail",le="${le}"}`]
    expect(['0.0025', '0.005', '0.05', '0.1', '1', '2.5', '86400', '+Inf'].map(below)).toEqual([0, 1, 1, 4, 4, 5, 5, 6])
    expect(seen['supaqueue_call_duration_seconds_count{queue="mail"}']).toBe(6)
    expect(seen['supaqueue_call_duration_seconds_sum{queue="mail"}']).toBeCloseTo(100_002.303)
    expect(seen['supaqueue_turn_duration_seconds_count{queue="mail"}']).toBe(1)
    expect(seen['supaqueue_wait_seconds_bucket{queue="mail",le="+Inf"}']).toBe(0)
  })

  test('write a name of a queue so that it stands in one label', async ({ harness }) => {
    await harness.queue({ name: 'a "b" \\n\nc' })

    const lines = (await metrics(harness)).split('\n').filter((line) => line.startsWith('supaqueue_workers'))

    expect(lines).toEqual(['supaqueue_workers{queue="a \\"b\\" \\\\n\\nc"} 0'])
  })

  test('say once of each what it is, before its samples, and end with a line break', async ({ harness }) => {
    await harness.queue({ name: 'mail' })
    await harness.queue({ name: 'push' })
    await harness.sweep()
    const text = await metrics(harness)

    const said: string[] = []
    for (const line of text.trimEnd().split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\w+) \S/.exec(line) ?? []
      if (kind) said.push(`${kind} ${name}`)
      else expect(line.startsWith(said.at(-1)!.replace('TYPE ', ''))).toBe(true)
    }
    expect(new Set(said).size).toBe(said.length)
    expect(said.filter((line) => line.startsWith('HELP')).map((line) => line.replace('HELP', 'TYPE'))).toEqual(
      said.filter((line) => line.startsWith('TYPE')),
    )
    expect(text.endsWith('\n')).toBe(true)
    expect(text).not.toContain('\n\n')
  })

  test('tell when the last sweep was, once there was one', async ({ harness }) => {
    await harness.db.query('delete from supaqueue.last_sweep')
    expect(await samples(harness)).not.toHaveProperty('supaqueue_sweep_age_seconds')

    await harness.sweep()
    await harness.db.query(`update supaqueue.last_sweep set swept_at = swept_at - interval '1 hour'`)

    expect((await samples(harness)).supaqueue_sweep_age_seconds).toBeGreaterThanOrEqual(3600)
  })

  test('are there when there is no queue', async ({ harness }) => {
    expect(await metrics(harness)).toContain('# TYPE supaqueue_workers gauge\n')
  })

  test('cost the same however many jobs have ended, wait or are planned', async ({ harness }) => {
    const queue = await harness.queue({ name: 'mail' })
    const read = async () => {
      await harness.db.query('analyze supaqueue.job').catch(() => {})
      await metrics(harness)
      return await harness.pagesRead('select supaqueue.metrics()')
    }
    const fill = (status: string, due: string, count: number) =>
      harness.db.query(
        `insert into supaqueue.job (queue, status, run_at)
         select $1, $2::supaqueue.job_status, now() + $3::interval from generate_series(1, $4)`,
        [queue, status, due, count],
      )
    await fill('pending', '1 hour', 12_000)
    const before = await read()

    await fill('success', '-1 hour', 20_000)
    await fill('failed', '-1 hour', 20_000)
    await fill('pending', '2 hours', 20_000)
    const after = await read()

    expect(after).toBeLessThan(before * 1.2 + 20)
  })
})

describe('of many queues', () => {
  test('a thousand are told of, or those that are chosen, and how many are left out', async ({ ownDatabase }) => {
    const { db } = harnessOf(await ownDatabase.connect())
    await db.query(
      `insert into supaqueue.queue (name, edge_function_name) select 'many ' || lpad(i::text, 4, '0'), 'hello' from generate_series(1, 1003) i`,
    )
    const told = async () => {
      const { rows: [{ text }] } = await db.query('select supaqueue.metrics() as text')
      return {
        queues: [...text.matchAll(/^supaqueue_workers\{queue="(.*)"\}/gm)].map((match) => match[1]),
        leftOut: /^supaqueue_queues_left_out (\d+)$/m.exec(text)?.[1],
        histograms: [...text.matchAll(/^supaqueue_wait_seconds_count\{queue="(.*)"\}/gm)].length,
        withoutHistograms: /^supaqueue_histograms_left_out (\d+)$/m.exec(text)?.[1],
        small: text.length < 2_000_000,
      }
    }

    const first = await told()
    expect(first.queues).toHaveLength(1000)
    expect(first).toMatchObject({ leftOut: '3', histograms: 150, withoutHistograms: '850', small: true })

    await db.query(`insert into supaqueue.setting values ('metrics_queues', 'many 1002, many 1003')`)
    expect(await told()).toMatchObject({
      queues: ['many 1002', 'many 1003'],
      leftOut: '1001',
      histograms: 2,
      withoutHistograms: undefined,
    })

    await db.query(`delete from supaqueue.queue where name not in ('many 1002', 'many 1003')`)
    expect(await told()).toMatchObject({
      queues: ['many 1002', 'many 1003'],
      leftOut: undefined,
    })
  })
})
