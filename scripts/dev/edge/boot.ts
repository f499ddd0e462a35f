import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { EdgeFunction } from './catalogue.ts'
import { fetchImports } from './deno.ts'
import { expectImportsWithin, expectWithin, type Fence, makeFence } from './fence.ts'
import { type Isolate, type Limits, makeIsolate } from './isolate.ts'
import { launch } from './launch.ts'

export type BootPlan = Limits & {
  environment: Record<string, string>
  denoDirectory: string
  /** Where sockets and temporary files of isolates live. */
  runDirectory: string
  log: (line: string) => void
  /** What a function is read as; may be called only once its files are known to be inside. */
  adapt(fn: EdgeFunction, fence: Fence | undefined): EdgeFunction
  /** The folders that functions may be made of; undefined: of whatever they import. */
  inside?: string[]
}

const bootDeadlineMs = 10_000
let serial = 0

/** Starts an isolate of a function and waits until it listens. Undefined if it does not come up; the log says why. */
export async function boot(found: EdgeFunction, plan: BootPlan): Promise<Isolate | undefined> {
  const fn = await prepare(found, plan)
  if ('problem' in fn) return report(fn, plan)
  const first = await attempt(fn, plan)
  if (!('missingImports' in first)) return report(first, plan)

  plan.log('downloading what it imports')
  const problem = await fetchImports(fn, plan.denoDirectory)
  return report(problem === undefined ? await attempt(fn, plan) : { problem: [problem] }, plan)
}

async function prepare(found: EdgeFunction, plan: BootPlan): Promise<EdgeFunction | Failed> {
  // Anew each time: a folder may be a link to another by now.
  const fence = plan.inside && makeFence(plan.inside)
  try {
    for (const path of [found.entry, found.importMap]) if (path) expectWithin(fence, path)
    const fn = plan.adapt(found, fence)
    if (fence) await expectImportsWithin(fence, fn, plan.denoDirectory)
    return fn
  } catch (reason) {
    return { problem: (reason as Error).message.split('\n') }
  }
}

type Failed = { problem: string[]; missingImports?: true }

function report(result: Isolate | Failed, { log }: BootPlan): Isolate | undefined {
  if (!('problem' in result)) return result
  result.problem.forEach(log)
  return undefined
}

async function attempt(fn: EdgeFunction, plan: BootPlan): Promise<Isolate | Failed> {
  const id = serial++
  const [socketPath, temporary] = [join(plan.runDirectory, `${id}.sock`), join(plan.runDirectory, `${id}`)]
  mkdirSync(temporary)
  let child: ChildProcess
  try {
    child = launch({ fn, socketPath, temporary, ...plan })
  } catch (reason) {
    rmSync(temporary, { recursive: true, force: true })
    return { problem: [(reason as Error).message] }
  }

  // What it prints before it listens is held back: a start that only lacks a download is nothing to report.
  const early: string[] = []
  let listening = false
  let memory = false
  let late: Promise<unknown> | undefined
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream! }).on('line', (line) => {
      memory ||= /JavaScript (heap )?out of memory/.test(line)
      if (!listening) return void early.push(line)
      plan.log(line)
      // What it imports only when it needs it: the next one finds it.
      if (lacksDownload(line)) late ??= fetchImports(fn, plan.denoDirectory)
    })
  }
  const gone = once(child, 'close').then(() => {
    rmSync(temporary, { recursive: true, force: true })
    rmSync(socketPath, { force: true })
  })

  listening = await Promise.race([untilListening(socketPath, () => child.exitCode !== null), gone.then(() => false)])
  if (!listening) {
    child.kill('SIGKILL')
    await gone
    const missing = early.some(lacksDownload)
    return { problem: early.length ? early : ['ended without Deno.serve'], ...(missing && { missingImports: true }) }
  }
  early.forEach(plan.log)
  const signal = (name: NodeJS.Signals) => void child.kill(name)
  return makeIsolate({ socketPath, gone, signal }, plan, () => memory)
}

// Deno names the flag where something that it may not download is missing.
const lacksDownload = (line: string): boolean => line.includes('--cached-only')

async function untilListening(socketPath: string, ended: () => boolean): Promise<boolean> {
  const deadline = Date.now() + bootDeadlineMs
  while (Date.now() < deadline && !ended()) {
    if (await accepts(socketPath)) return true
    await pause(5)
  }
  return false
}

const accepts = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
