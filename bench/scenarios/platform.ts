import { supaqueue } from '../contenders/supaqueue.ts'
import { payloadOf } from '../contenders/contender.ts'
import type { Bench, Finding, Scenario, Target } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { short } from '../stats.ts'
import { countTraffic, type Traffic } from '../traffic.ts'
import { pause } from '../wait.ts'

export const platform: Scenario = {
  name: 'platform',
  about: 'what it costs the project: invocations, RPC calls, pg_net requests, bytes',
  measure: (bench) => withStack({}, (stack) => measure(bench, stack)),
}

type Measured = { name: string; traffic: Traffic; jobs: number; minutes?: number }

async function measure({ options: { quick }, say }: Bench, stack: BenchStack): Promise<Finding> {
  const measured: Measured[] = []
  const jobs = quick ? 1000 : 10_000
  for (const parallelism of [10, 50]) {
    const traffic = countTraffic(stack)
    await supaqueue(stack, 'bulk', { unlimited: false }).run({ fn: 'noop', parallelism, jobs, payload: payloadOf(100) })
    measured.push({ name: `bulk of ${short(jobs)}, ${parallelism} workers`, traffic: traffic.read(), jobs })
    traffic.stop()
    say(`bulk, ${parallelism} workers: done`)
  }
  for (const perSecond of quick ? [5] : [0.2, 1, 20]) {
    measured.push(await singles(stack, perSecond, quick ? 5 : 30))
    say(`${perSecond}/s: done`)
  }
  return { tables: [table(measured)], targets: targets(measured), samples: measured }
}

async function singles(stack: BenchStack, perSecond: number, seconds: number): Promise<Measured> {
  const queue = await makeQueue(stack.db, 'noop', 10)
  await pause(3000)
  const traffic = countTraffic(stack)
  const from = performance.now()
  let jobs = 0
  for (let next = from; next < from + seconds * 1000; next += 1000 / perSecond) {
    await pause(Math.max(0, next - performance.now()))
    await stack.db.query('insert into supaqueue.job (queue) values ($1)', [queue])
    jobs++
  }
  await pause(Math.max(0, from + seconds * 1000 - performance.now()))
  const seen = traffic.read()
  traffic.stop()
  return { name: `single inserts, ${perSecond}/s`, traffic: seen, jobs, minutes: seconds / 60 }
}

const table = (measured: Measured[]) => ({
  title: 'What it costs the project',
  columns: [
    '',
    'jobs',
    'per',
    'dispatcher invocations',
    'RPC calls',
    'empty',
    'RPC kB',
    'pg_net requests',
    'pg_net kB',
  ],
  rows: measured.map(({ name, traffic, jobs, minutes }) => {
    const per = minutes === undefined ? jobs / 10_000 : minutes
    const cells = [
      traffic.dispatcherInvocations,
      traffic.turns,
      traffic.emptyTurns,
      (traffic.rpcBytesIn + traffic.rpcBytesOut) / 1000,
      traffic.netRequests,
      traffic.netBytes / 1000,
    ].map((count) => short(count / per))
    return [name, short(jobs), minutes === undefined ? '10,000 jobs' : 'minute', ...cells]
  }),
  notes: [
    'Default settings, no-op function, 100 B payloads in bulk. Each job is one more invocation: that of your function.',
    'At 0.2 inserts a second the queue sleeps between two of them.',
  ],
})

function targets(measured: Measured[]): Target[] {
  const bulk = measured.filter(({ minutes }) => minutes === undefined)
  const singles = measured.filter(({ minutes }) => minutes !== undefined)
  const most = (some: Measured[], of: (traffic: Traffic) => number) =>
    Math.max(...some.map(({ traffic, jobs, minutes }) => of(traffic) / (minutes ?? jobs / 10_000)))
  const target = (claim: string, some: Measured[], wanted: number): Target => {
    const invocations = most(some, (traffic) => traffic.dispatcherInvocations)
    const requests = most(some, (traffic) => traffic.netRequests)
    return {
      claim,
      reached: `${short(invocations)} and ${short(requests)}`,
      held: invocations <= wanted && requests <= wanted,
    }
  }
  return [
    target('at most 20 invocations and 20 pg_net requests per 10,000 jobs in bulk', bulk, 20),
    target('at most 60 of each a minute at a steady rate', singles, 60),
  ]
}
