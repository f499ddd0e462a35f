import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of processor time, by what uses it. */
export type Cpu = Record<string, number>

// What the kernel counts in: USER_HZ, which is 100 on every Linux.
const ticksPerSecond = 100

/**
 * Processor time used so far: by the parts of a stack that are in this process, its database server, its functions, and
 * `its own process`, which is every process of ours that has ended. Only the first where there is no /proc.
 */
export function readCpu(postgresPid: number | undefined): Cpu {
  const { user, system } = process.cpuUsage()
  const used: Cpu = { 'endpoint (gateway, REST, pg_net)': (user + system) / 1e6 }
  const add = (part: string, seconds: number) => void (used[part] = (used[part] ?? 0) + seconds)
  for (const { pid, parent, seconds, secondsOfEnded, command } of processes()) {
    if (pid === postgresPid) add('postgres', seconds + secondsOfEnded)
    else if (pid === process.pid) add('its own process', secondsOfEnded)
    else if (parent === postgresPid) add('postgres', seconds)
    else if (parent === process.pid) add(partOf(command), seconds)
  }
  return used
}

/** What was used between two readings, in milliseconds for each thousand of `jobs`. */
export const cpuPerThousand = (before: Cpu, after: Cpu, jobs: number): Cpu =>
  Object.fromEntries(
    Object.entries(after)
      .map(([part, seconds]): [string, number] => [part, (seconds - (before[part] ?? 0)) * 1e6 / jobs])
      .filter(([, ms]) => ms >= 1),
  )

function partOf(command: string): string {
  const fn = /functions\/([^/]+)\/index\.ts/.exec(command)?.[1]
  if (fn === 'supaqueue') return 'dispatcher'
  if (fn) return `function ${fn}`
  return /(\w+)\.program\.ts/.exec(command)?.[1]?.replaceAll('_', '-') ?? 'other'
}

function* processes() {
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return
  }
  for (const name of names) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The second field, in parentheses, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
      const [, parent = 0] = fields
      const [own = 0, ownSystem = 0, ended = 0, endedSystem = 0] = fields.slice(11)
      yield {
        pid: Number(name),
        parent,
        seconds: (own + ownSystem) / ticksPerSecond,
        secondsOfEnded: (ended + endedSystem) / ticksPerSecond,
        command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
      }
    } catch {
      // It ended while we looked.
    }
  }
}
