import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { denoProgram } from '../../../../scripts/dev/edge/deno.ts'
import { root } from '../../../support/markdown.ts'

const NODE = [process.execPath, '--import', 'tsx']

/** Deno, with the packages that are here. */
export const deno = () => [denoProgram(), 'run', '--quiet', '--allow-all', '--no-config', '--node-modules-dir=manual']

/** `supaqueue work` as a process of its own. Resolves once it serves. */
export async function startWork(args: string[], env: Record<string, string> = {}, [program, ...own] = NODE) {
  const child: ChildProcess = spawn(
    program!,
    [...own, join(root, 'scripts/cli/supaqueue.ts'), 'work', ...args],
    { cwd: root, env: { PATH: process.env.PATH!, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const lines: string[] = []
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  createInterface(child.stderr!).on('line', (line) => lines.push(line))
  const serves = new Promise<void>((resolve) => {
    createInterface(child.stdout!).on('line', (line) => {
      lines.push(line)
      if (line.startsWith('Serving ')) resolve()
    })
  })
  await Promise.race([serves, ended.then(() => Promise.reject(new Error(`it ended: ${lines.join('\n')}`)))])
  return {
    lines,
    ended,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    /** Ends it without a word. */
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
