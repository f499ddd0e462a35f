import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { home } from '../../scripts/cli/place.ts'
import { nodeProgram } from '../node.ts'
import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { endProgram } from './program.ts'
import { supaqueue } from './supaqueue.ts'

/** `supaqueue work`, a Node process with connections of its own, as those of graphile-worker and pg-boss are. */
export const supaqueueWork = (
  stack: BenchStack,
  { batch = 1, setup = 'as it comes; no run of the edge function while it lives' } = {},
): Contender => ({
  name: 'supaqueue work',
  setup,
  run: (task) => withWork(stack, () => supaqueue(stack, 'supaqueue work', { batch }).run(task)),
})

/** Does the work while such a process, which it is told the id of, serves all queues; then ends the process. */
export async function withWork<Result>(stack: BenchStack, work: (pid: number) => Promise<Result>): Promise<Result> {
  const child = spawn(await nodeProgram(), ['--import', 'tsx', join(home, 'scripts/cli/supaqueue.ts'), 'work'], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      SUPAQUEUE_DB_URL: stack.databaseUrl,
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEY: stack.keys.secret,
      SUPAQUEUE_SECRET: stack.secret,
    },
  })
  try {
    // What it says first is that it serves.
    await Promise.race([
      once(child.stdout!, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`supaqueue work ended with ${code} before it served`)
      }),
    ])
    return await work(child.pid!)
  } finally {
    await endProgram(child)
    // The next contender must not rely on who is gone.
    await stack.db.query('delete from supaqueue.process')
  }
}
