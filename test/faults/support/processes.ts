import { execFileSync } from 'node:child_process'

export type Process = { pid: number; parent: number; /** In bytes. */ memory: number; command: string }

/** Every process of this machine, as anybody on it can see them. */
export const processes = (): Process[] =>
  execFileSync('ps', ['-ww', '-axo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8', maxBuffer: 1e8 })
    .trim()
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [])
    .map(([, pid, parent, rss, command = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      memory: Number(rss) * 1024,
      command,
    }))

/** The process of an edge function of this test's own stack. */
export function functionProcess(name: string): Process {
  const own = processes().filter(({ parent, command }) =>
    parent === process.pid && command.includes(`functions/${name}/index.ts`)
  )
  if (own.length !== 1) throw new Error(`${own.length} processes of the function ${name}`)
  return own[0]!
}
