import { readdirSync, readFileSync } from 'node:fs'

/** Resident megabytes of a process, NaN where there is no /proc. */
export function residentMb(pid: number): number {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kb) / 1024
  } catch {
    return NaN
  }
}

/** Resident megabytes of the process of an edge function that this process started. */
export function functionMb(name: string): number {
  try {
    const pid = readdirSync('/proc').find((pid) =>
      /^\d+$/.test(pid) && commandOf(pid).includes(`/${name}/index.ts`) && parentOf(pid) === process.pid
    )
    return residentMb(Number(pid))
  } catch {
    return NaN
  }
}

const read = (pid: string, file: string) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
const commandOf = (pid: string) => read(pid, 'cmdline')
const parentOf = (pid: string) => Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1])
