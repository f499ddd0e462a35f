import { bareFetch } from '../contenders/bare_fetch.ts'
import { type Contender, payloadOf, type Task } from '../contenders/contender.ts'
import { graphileWorker } from '../contenders/graphile_worker.ts'
import { pgBoss } from '../contenders/pg_boss.ts'
import { supaqueue } from '../contenders/supaqueue.ts'
import { supaqueueWork } from '../contenders/supaqueue_work.ts'
import { yardstick } from '../contenders/yardstick.ts'
import { type Cpu, cpuPerThousand, readCpu } from '../cpu.ts'
import type { Bench, Finding, Scenario, Table, Target } from '../scenario.ts'
import { type BenchStack, withStack } from '../stack.ts'
import { median, ratios, short, spread } from '../stats.ts'

const ours = 'supaqueue'
const direct = `${ours}, direct`

export const throughput: Scenario = {
  name: 'throughput',
  about: 'jobs per second from a backlog, against the bare calls and other queues',
  measure: (bench) =>
    withStack({}, (stack) => withStack({ direct: true }, (connected) => measure(bench, stack, connected))),
}

export type Case = { title: string; task: Task; rounds: number; contenders: Contender[] }
export type Samples = { jobsPerSecond: number[]; cpu: Cpu[] }
export type Measured = { about: Case; by: Map<string, Samples> }

async function measure({ options, say }: Bench, stack: BenchStack, connected: BenchStack): Promise<Finding> {
  const measured: Measured[] = []
  for (const about of casesOf(stack, connected, options.quick, options.rounds)) {
    measured.push({ about, by: await compare(about, stack, say) })
  }
  if (!options.quick) measured.push(await variants(stack, options.rounds ?? 2, say))
  return {
    tables: [...measured.map((one) => tableOf(one)).map(explainOnce), cpuTable(measured)],
    targets: targetsOf(measured),
    samples: measured.map(({ about, by }) => ({
      title: about.title,
      task: { ...about.task, payload: about.task.payload.bytes },
      by: Object.fromEntries(by),
    })),
  }
}

function casesOf(stack: BenchStack, connected: BenchStack, quick: boolean, rounds?: number): Case[] {
  const us = supaqueue(stack, ours, { setup: 'run_max_jobs and run_max_turns in the millions' })
  const connection = supaqueue(connected, direct, { setup: 'the edge function over a connection of its own' })
  const [bare, plain, batched, boss, published] = [
    bareFetch(stack),
    graphileWorker(stack, false),
    graphileWorker(stack, true),
    pgBoss(stack),
    yardstick(stack),
  ]
  const small = payloadOf(100)
  const jobs = quick ? 1000 : 10_000
  const main = (parallelism: number): Case => ({
    title: `no-op function, 100 B, ${parallelism} at once`,
    task: { fn: 'noop', parallelism, jobs, payload: small },
    rounds: rounds ?? (quick ? 1 : 3),
    contenders: [bare, us, connection, supaqueueWork(stack), plain, batched, boss, published],
  })
  const side = (title: string, task: Task): Case => ({
    title,
    task,
    rounds: rounds ?? (quick ? 1 : 2),
    contenders: [bare, us, batched],
  })
  if (quick) return [main(10), main(50)]
  return [
    main(10),
    main(50),
    side('20 ms function, 100 B, 10 at once', { fn: 'wait20', parallelism: 10, jobs: 2000, payload: small }),
    side('20 ms function, 100 B, 50 at once', { fn: 'wait20', parallelism: 50, jobs: 5000, payload: small }),
    side('no-op function, 10 kB, 50 at once', { fn: 'noop', parallelism: 50, jobs: 5000, payload: payloadOf(10_000) }),
  ]
}

/** The same queue set up otherwise: as it comes, and behind another REST endpoint. */
const variants = (stack: BenchStack, rounds: number, say: Bench['say']): Promise<Measured> =>
  withStack({ rest: 'lite' }, async (slow) => {
    const about: Case = {
      title: 'supaqueue set up otherwise: no-op function, 100 B, 50 at once',
      task: { fn: 'noop', parallelism: 50, jobs: 10_000, payload: payloadOf(100) },
      rounds,
      contenders: [
        supaqueue(stack, ours, { setup: 'as above, thin endpoint' }),
        supaqueue(stack, `${ours}, default settings`, { unlimited: false, setup: 'a run ends after 2,000 jobs' }),
        supaqueue(slow, `${ours} over @supabase/lite`, { setup: 'the endpoint that does what supabase-js can ask' }),
      ],
    }
    return { about, by: await compare(about, stack, say) }
  })

/** Everybody once in each round, so that what else the machine does meets all of them. */
export async function compare({ title, task, rounds, contenders }: Case, stack: BenchStack, say: Bench['say']) {
  const by = new Map<string, Samples>(contenders.map(({ name }) => [name, { jobsPerSecond: [], cpu: [] }]))
  for (let round = 0; round < rounds; round++) {
    // Not always in the same order: who comes after the heaviest finds its vacuum at work.
    const order = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const { name, run, postgresPid = stack.postgres?.pid } of order) {
      const before = readCpu(postgresPid)
      const { seconds, jobs } = await run(task)
      const samples = by.get(name) as Samples
      samples.jobsPerSecond.push(jobs / seconds)
      samples.cpu.push(cpuPerThousand(before, readCpu(postgresPid), jobs))
      say(`${title}, round ${round + 1}/${rounds}: ${name} ${short(jobs / seconds)} jobs/s`)
    }
  }
  return by
}

/** `who` the others are compared with. */
export function tableOf({ about, by }: Measured, who = ours): Table {
  const us = by.get(who)?.jobsPerSecond ?? []
  return {
    title: `Throughput: ${about.title}, backlog of ${short(about.task.jobs)}`,
    columns: ['', 'jobs/s: median (spread)', `${who} / it`],
    rows: about.contenders.map(({ name }) => {
      const them = by.get(name)?.jobsPerSecond ?? []
      return [name, spread(them), name === who ? '' : spread(ratios(us, them))]
    }),
    notes: about.contenders.filter(({ setup }) => setup !== '').map(({ name, setup }) => `${name}: ${setup}`),
  }
}

// Who is how set up is the same in most tables.
export const explainOnce = (table: Table, place: number, all: Table[]): Table => ({
  ...table,
  notes: table.notes.filter((note) => !all.slice(0, place).some(({ notes }) => notes.includes(note))),
})

export function cpuTable(measured: Measured[]): Table {
  const rows = measured.flatMap(({ about, by }) =>
    [...by].map(([name, { cpu }]) => {
      const parts = [...new Set(cpu.flatMap((used) => Object.keys(used)))]
      const ms = (part: string) => median(cpu.map((used) => used[part] ?? 0))
      const all = parts.map((part) => `${part} ${short(ms(part))}`).join(', ')
      return [`${about.title}: ${name}`, short(parts.reduce((sum, part) => sum + ms(part), 0)), all]
    })
  )
  return {
    title: 'Processor time per 1,000 jobs, ms',
    columns: ['', 'all', 'of which'],
    rows,
    notes: ['Its own process: of bare fetch, graphile-worker and pg-boss, with its start.'],
  }
}

function targetsOf(measured: Measured[]): Target[] {
  const samplesOf = (parallelism: number, who: string): Samples => {
    const found = measured.find(({ about: { task } }) => task.parallelism === parallelism && task.fn === 'noop')
    return found?.by.get(who) ?? { jobsPerSecond: [], cpu: [] }
  }
  const ratio = (parallelism: number, other: string, who = ours) =>
    median(ratios(samplesOf(parallelism, who).jobsPerSecond, samplesOf(parallelism, other).jobsPerSecond))
  const atLeast = (wanted: number, parallelism: number, other: string): Target => {
    const reached = ratio(parallelism, other)
    return {
      claim: `${parallelism} workers: at least ${wanted} times ${other}`,
      reached: short(reached),
      held: reached >= wanted,
    }
  }
  const works = (wanted: number, parallelism: number, ...others: string[]): Target => {
    const reached = Math.min(...others.map((other) => ratio(parallelism, other, 'supaqueue work')))
    return {
      claim: `${parallelism} workers, supaqueue work: at least ${wanted} times ${others.join(' and ')}`,
      reached: short(reached),
      held: reached >= wanted,
    }
  }
  const cheaper = (most: number, parallelism: number): Target => {
    const spent = (who: string) =>
      samplesOf(parallelism, who).cpu.map((cpu) => Object.values(cpu).reduce((sum, ms) => sum + ms, 0))
    const reached = median(ratios(spent(direct), spent(ours)))
    return {
      claim: `${parallelism} workers, direct: at most ${most} times the processor time over RPC`,
      reached: short(reached),
      held: reached <= most,
    }
  }
  const peers = ['graphile-worker', 'graphile-worker, batched', 'pg-boss']
  return [
    works(2, 10, 'graphile-worker'),
    works(3, 50, 'graphile-worker'),
    works(1.2, 10, ...peers),
    works(1.3, 50, ...peers),
    works(0.4, 10, 'bare fetch, no queue'),
    works(0.5, 50, 'bare fetch, no queue'),
    cheaper(0.75, 10),
    cheaper(0.8, 50),
    atLeast(1.2, 10, 'graphile-worker'),
    atLeast(2, 10, 'graphile-worker, batched'),
    atLeast(2.5, 50, 'graphile-worker'),
    atLeast(3, 50, 'graphile-worker, batched'),
    atLeast(1, 10, 'pg-boss'),
    atLeast(1, 50, 'pg-boss'),
    atLeast(1, 10, 'a pg_net request per job'),
    atLeast(1, 50, 'a pg_net request per job'),
    atLeast(0.3, 50, 'bare fetch, no queue'),
  ]
}
