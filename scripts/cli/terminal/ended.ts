import { execFileSync } from 'node:child_process'
import { EXIT } from '../commands/exit.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls back once when this program is to end: by a signal, or because the package manager that started it is gone. npx and
 * pnpm pass on no signal that they get alone, as from `kill`. Returns what no longer waits for it.
 */
export function whenEnded(callback: (signal: NodeJS.Signals) => void): () => void {
  let ended = false
  const end = (signal: NodeJS.Signals) => {
    clearInterval(watching)
    if (!ended) callback(signal)
    ended = true
  }
  for (const signal of signals) process.on(signal, end)

  const [shell, manager] = process.env.npm_config_user_agent ? [process.ppid, parentOf(process.ppid)] : []
  const watching = setInterval(() => {
    if (shell !== undefined && (process.ppid !== shell || !isThere(manager))) end('SIGTERM')
  }, 500)
  watching.unref()
  return () => {
    clearInterval(watching)
    for (const signal of signals) process.off(signal, end)
  }
}

/**
 * Opens what serves, and stops it when this program is to end: `stopping` says what is waited for then. A second signal ends the
 * program at once.
 */
export async function serveUntilEnded(
  open: () => Promise<{ stop(): Promise<void> }>,
  { stopping, note }: { stopping: string; note: (line: string) => void },
): Promise<void> {
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => ended = resolve)
  // From here on: whoever ends us while we start has everything stopped, too.
  const forget = whenEnded(() => ended())
  try {
    const served = await open()
    await end
    note(`Stopping: ${stopping}. Once more ends it at once.`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(EXIT.failed))
    await served.stop()
  } finally {
    forget()
  }
}

/** Waits for it. */
export const untilEnded = (): Promise<void> => new Promise((resolve) => whenEnded(() => resolve()))

function parentOf(pid: number): number | undefined {
  try {
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' })) ||
      undefined
  } catch {
    return undefined
  }
}

function isThere(pid: number | undefined): boolean {
  try {
    return pid === undefined || process.kill(pid, 0)
  } catch (reason) {
    // Not ours to signal, but there.
    return (reason as NodeJS.ErrnoException).code === 'EPERM'
  }
}
