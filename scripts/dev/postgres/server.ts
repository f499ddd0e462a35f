import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Identity } from './identity.ts'
import { PortTaken } from './port.ts'

export type Server = { pid: number; gone: Promise<unknown>; end(signal: NodeJS.Signals): Promise<void> }
export type ServerPlan = {
  program: string
  data: string
  log: string
  port: number
  settings: Record<string, string>
  identity: Identity
}

// Recovery of a big cluster after a crash may take long; a server that cannot start says so by ending.
const startDeadlineMs = 60_000

/** Starts the server on an existing data directory and waits until it accepts connections. */
export async function startServer(plan: ServerPlan): Promise<Server> {
  const deadline = Date.now() + startDeadlineMs
  while (true) {
    const earlier = existsSync(plan.log) ? statSync(plan.log).size : 0
    const child = launch(plan)
    const gone = once(child, 'exit')
    const ready = await Promise.race([untilReady(child, plan, deadline), gone.then(() => false)])
    if (ready) return running(child, gone)

    const problem = lastWords(plan.log, earlier)
    // Backends of a killed server need a moment to notice, and hold its shared memory until then.
    if (/pre-existing shared memory|lock file ".*" already exists/.test(problem) && Date.now() < deadline) {
      await pause(50)
      continue
    }
    throw refusal(problem, plan.port)
  }
}

function launch({ program, data, log, port, settings, identity }: ServerPlan): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  const flags = Object.entries({ port: `${port}`, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(program, ['-D', data, ...flags], {
    ...identity,
    cwd: data,
    // A session of its own: Ctrl-C in the terminal is for whoever started us, who then stops the server in order.
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  })
  closeSync(output)
  return child
}

async function untilReady(child: ChildProcess, { data }: ServerPlan, deadline: number): Promise<boolean> {
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    if (saysReady(data, child.pid)) return true
    await pause(10)
  }
  if (child.exitCode === null) child.kill('SIGQUIT')
  return false
}

// The server keeps its state in its pid file, which is what pg_ctl looks at, too.
function saysReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === `${pid}` && lines[7]?.trim() === 'ready'
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw reason
  }
}

function running(child: ChildProcess, gone: Promise<unknown>): Server {
  child.unref()
  return {
    pid: child.pid as number,
    gone,
    async end(signal) {
      child.ref()
      child.kill(signal)
      await gone
    },
  }
}

const lastWords = (log: string, from: number): string =>
  readFileSync(log).subarray(from).toString('utf8').trim().split('\n').slice(-5).join('\n')

function refusal(problem: string, port: number): SupaqueueError {
  if (/could not bind|could not create any TCP/.test(problem)) return new PortTaken(port)
  return new SupaqueueError('SQ500', `PostgreSQL did not start:\n${problem}`, 'Its last lines say why.')
}
