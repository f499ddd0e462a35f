import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Outlives this process, in order to clean up after it. */
export type Guard = {
  /** Tells it which process to end; undefined when there is none. */
  watch(pid: number | undefined): void
  /** Lets it clean up now, and waits until it has. */
  release(): Promise<void>
}

// The guard reads pids until the pipe closes, which the kernel does however this process ends: even by SIGKILL,
// where no handler of ours would run.
const script = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -INT "$pid"
  tries=0
  while kill -0 "$pid" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -9 "$pid"
fi 2>/dev/null
[ -z "$1" ] || rm -rf "$1"
`

/** Starts the guard. `directory` is removed in the end, if one is given. */
export function startGuard(directory: string | undefined): Guard {
  // A session of its own: Ctrl-C in the terminal goes to everybody in ours.
  const shell = spawn('/bin/sh', ['-c', script, 'guard', directory ?? ''], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const gone = once(shell, 'exit')
  shell.unref()
  const pipe = shell.stdin as Socket
  pipe.unref()

  return {
    watch: (pid) => void pipe.write(`${pid ?? ''}\n`),
    async release() {
      shell.ref()
      pipe.end()
      await gone
    },
  }
}
