import { readCpu } from '../cpu.ts'
import { functionMb } from '../memory.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, withStack } from '../stack.ts'
import { median, short, spread } from '../stats.ts'

export const starts: Scenario = {
  name: 'starts',
  about: 'what a cold start of the dispatcher costs, beside a function that does nothing',
  measure: (bench) => withStack({ cron: false }, (stack) => measure(bench, stack)),
}

/** By their part of the processor time (readCpu). What `noop` takes is Deno's own. */
const FUNCTIONS = { supaqueue: 'dispatcher', noop: 'function noop' }
type Name = keyof typeof FUNCTIONS

/** Of one start: until it listens. */
type Start = { ms: number; cpuMs: number; mb: number }

async function measure({ options, say }: Bench, stack: BenchStack): Promise<Finding> {
  const found: Record<Name, Start[]> = { supaqueue: [], noop: [] }
  const names = Object.keys(found) as Name[]
  const rounds = options.rounds ?? (options.quick ? 2 : 20)
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) found[name].push(await start(stack, name))
    say(`round ${round + 1} of ${rounds}: done`)
  }
  const cpu = (name: Name) => found[name].map(({ cpuMs }) => cpuMs)
  const own = median(cpu('supaqueue')) - median(cpu('noop'))
  return {
    tables: [{
      title: 'A cold start, from the start of its process until it listens: median (spread)',
      columns: ['', 'ms', 'processor time, ms', 'resident MB'],
      rows: names.map((name) => [
        name === 'supaqueue' ? 'the dispatcher' : 'a function that does nothing',
        spread(found[name].map(({ ms }) => ms)),
        spread(cpu(name)),
        spread(found[name].map(({ mb }) => mb)),
      ]),
      notes: [
        'As the clone has it, a file for each module. Imports are cached. The kernel counts processor time in steps of 10 ms.',
      ],
    }],
    targets: [{
      claim: 'a cold start of the dispatcher: at most 30 ms of processor time more than a function that does nothing',
      reached: `${short(own)} ms`,
      held: own <= 30,
    }],
    samples: found,
  }
}

async function start({ edge, postgres }: BenchStack, name: Name): Promise<Start> {
  await edge.killFunction(name)
  const from = performance.now()
  if (!await edge.warm(name)) throw new Error(`${name} does not start`)
  const ms = performance.now() - from
  // Of those that are gone nothing is left under this name.
  const cpuMs = (readCpu(postgres?.pid)[FUNCTIONS[name]] ?? NaN) * 1000
  return { ms, cpuMs, mb: functionMb(name) }
}
