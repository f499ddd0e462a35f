import { spawn } from 'node:child_process'

// Computes until its input ends, which the kernel sees to however whoever wanted that ends.
const PROGRAM = `
process.stdin.resume().on('close', () => process.exit())
const compute = () => {
  const until = Date.now() + 50
  while (Date.now() < until);
  setImmediate(compute)
}
compute()`

/** Starts so many processes that each want a core of their own. Returns what ends them. */
export function burden(processes: number): () => void {
  const started = [...Array(processes)].map(() =>
    spawn(process.execPath, ['--eval', PROGRAM], { stdio: ['pipe', 'ignore', 'ignore'] })
  )
  return () => started.forEach((child) => child.kill('SIGKILL'))
}
