import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Memory of a kind of process, in megabytes: of all of that kind together. */
export type Memory = { process: string; start_mb: number; most_mb: number; end_mb: number }

export type MemoryWatch = { look(): Promise<void>; report(): Memory[] }

const run = promisify(execFile)

/** Follows the memory of this process and of those it started. On a system without `ps` it has nothing to report. */
export function watchMemory(): MemoryWatch {
  const seen = new Map<string, Memory>()
  return {
    async look() {
      for (const [process, mb] of await measure()) {
        const { start_mb = mb, most_mb = mb } = seen.get(process) ?? {}
        seen.set(process, { process, start_mb, most_mb: Math.max(most_mb, mb), end_mb: mb })
      }
    },
    report: () => [...seen.values()],
  }
}

async function measure(): Promise<Map<string, number>> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=,command='], { maxBuffer: 2 ** 24 })
    .catch(() => ({ stdout: '' }))
  const processes = stdout.trim().split('\n').map((line) => {
    const [, pid, ppid, rss, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return { pid: Number(pid), ppid: Number(ppid), mb: Number(rss) / 1024, command }
  })

  const sums = new Map<string, number>()
  const count = (parent: number) => {
    for (const { pid, mb, command } of processes.filter(({ ppid }) => ppid === parent)) {
      const name = nameOf(command)
      if (name) sums.set(name, Math.round((sums.get(name) ?? 0) + mb))
      count(pid)
    }
  }
  sums.set('stack, load and ledger', Math.round(process.memoryUsage.rss() / 2 ** 20))
  count(process.pid)
  return sums
}

function nameOf(command: string): string | undefined {
  const [, fn] = /functions\/([\w-]+)\/index\b/.exec(command) ?? []
  if (fn) return fn === 'supaqueue' ? 'dispatcher' : `function ${fn}`
  // Shared memory is in each of them: the sum is an upper bound.
  return /postgres/.test(command) ? 'PostgreSQL, shared memory counted for each process' : undefined
}
