import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { readCpu } from '../cpu.ts'
import { functionMb } from '../memory.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, withStack } from '../stack.ts'
import { median, short, spread } from '../stats.ts'

export const starts: Scenario = {
  name: 'starts',
  about: 'what a cold start of the dispatcher costs, beside a function that does nothing',
  async measure(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'bundled-'))
    const functions = join(folder, 'functions')
    try {
      await bundleDispatcher(join(functions, 'bundled'))
      return await withStack(
        { cron: false, functions: [join(import.meta.dirname, '..', 'functions'), functions] },
        (stack) => measure(bench, stack),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** By their part of the processor time (readCpu). What `noop` takes is Deno's own. */
const FUNCTIONS = { supaqueue: 'dispatcher', bundled: 'function bundled', noop: 'function noop' }
type Name = keyof typeof FUNCTIONS

const SAID: Record<Name, string> = {
  supaqueue: 'the dispatcher as the clone has it, a file for each module',
  bundled: 'the dispatcher in one file, minified',
  noop: 'a function that does nothing',
}

/** The dispatcher in one file, as small as it gets. A folder that lies in no project has no lockfile to be read. */
async function bundleDispatcher(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [join(import.meta.dirname, '..', '..', 'supabase', 'functions', 'supaqueue', 'index.ts')],
    outfile: join(folder, 'index.ts'),
    bundle: true,
    format: 'esm',
    minify: true,
    platform: 'neutral',
    target: 'es2022',
    external: ['node:*', 'pg'],
    logLevel: 'warning',
  })
}

/** Of one start: until it listens. */
type Start = { ms: number; cpuMs: number; mb: number }

async function measure({ options, say }: Bench, stack: BenchStack): Promise<Finding> {
  const found: Record<Name, Start[]> = { supaqueue: [], bundled: [], noop: [] }
  const names = Object.keys(found) as Name[]
  // In steps of 10 ms a median of a few starts says little.
  const rounds = options.quick ? 2 : Math.max(options.rounds ?? 20, 20)
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) found[name].push(await start(stack, name))
    say(`round ${round + 1} of ${rounds}: done`)
  }
  const cpu = (name: Name) => found[name].map(({ cpuMs }) => cpuMs)
  const own = median(cpu('bundled')) - median(cpu('noop'))
  return {
    tables: [{
      title: 'A cold start, from the start of its process until it listens: median (spread)',
      columns: ['', 'ms', 'processor time, ms', 'resident MB'],
      rows: names.map((name) => [
        SAID[name],
        spread(found[name].map(({ ms }) => ms)),
        spread(cpu(name)),
        spread(found[name].map(({ mb }) => mb)),
      ]),
      notes: [
        'Imports are cached. The kernel counts processor time in steps of 10 ms.',
      ],
    }],
    targets: [{
      claim:
        'a cold start of the dispatcher, in one file: at most 30 ms of processor time more than a function that does nothing',
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
