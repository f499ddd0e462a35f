import { payloadOf } from '../contenders/contender.ts'
import { graphileWorker } from '../contenders/graphile_worker.ts'
import { pgBoss } from '../contenders/pg_boss.ts'
import { supaqueue } from '../contenders/supaqueue.ts'
import { supaqueueWork } from '../contenders/supaqueue_work.ts'
import type { Bench, Finding, Scenario, Target } from '../scenario.ts'
import { type BenchStack, withStack } from '../stack.ts'
import { median, ratios, short } from '../stats.ts'
import { type Case, compare, cpuTable, explainOnce, type Measured, tableOf } from './throughput.ts'

export const batched: Scenario = {
  name: 'batched',
  about: 'jobs per second with 20 in one call, against one in each, and other queues as they batch',
  measure: (bench) => withStack({}, (stack) => measure(bench, stack)),
}

const batch = 20
const inBatches = 'supaqueue'
const work = 'supaqueue work'
const single = 'supaqueue, one a call'
// A process with connections of its own is compared with such processes.
const processes = ['graphile-worker, batched', 'pg-boss', `pg-boss, batches of ${batch}`, `pg-boss, ${batch} a call`]

async function measure({ options, say }: Bench, stack: BenchStack): Promise<Finding> {
  const setup = `batch_size ${batch}; each job with an outcome of its own`
  const contenders = [
    supaqueue(stack, inBatches, { batch, setup }),
    supaqueueWork(stack, { batch, setup: `${setup}; no run of the edge function while it lives` }),
    supaqueue(stack, single),
    graphileWorker(stack, true),
    pgBoss(stack),
    pgBoss(stack, { perCall: batch, ownBatch: true }),
    pgBoss(stack, { perCall: batch }),
  ]
  const measured: Measured[] = []
  for (const parallelism of [10, 50]) {
    const about: Case = {
      title: `no-op function, 100 B, ${parallelism} calls at once`,
      task: { fn: 'noop', parallelism, jobs: options.quick ? 4000 : 20_000, payload: payloadOf(100) },
      rounds: options.rounds ?? (options.quick ? 1 : 3),
      contenders,
    }
    measured.push({ about, by: await compare(about, stack, say) })
  }
  return {
    tables: [
      ...measured.flatMap((one) => [tableOf(one), tableOf(one, work)]).map(explainOnce),
      cpuTable(measured),
    ],
    targets: measured.flatMap((one) => [
      ...processes.map((other) => target(one, work, 1, other)),
      target(one, inBatches, 3, single),
      ...processes.map((other) => target(one, inBatches, 1, other)),
    ]),
    samples: measured.map(({ about, by }) => ({ title: about.title, by: Object.fromEntries(by) })),
  }
}

function target({ about, by }: Measured, who: string, wanted: number, other: string): Target {
  const reached = median(ratios(by.get(who)?.jobsPerSecond ?? [], by.get(other)?.jobsPerSecond ?? []))
  const whose = who === inBatches ? '' : `, ${who}`
  return {
    claim: `${about.task.parallelism} at once, ${batch} a call${whose}: at least ${wanted} times ${other}`,
    reached: short(reached),
    held: reached >= wanted,
  }
}
