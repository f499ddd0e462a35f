import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { home } from '../../scripts/cli/place.ts'
import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { endProgram } from './program.ts'
import { supaqueue } from './supaqueue.ts'

/** `supaqueue work`, a Node process with connections of its own, as those of graphile-worker and pg-boss are. */
export const supaqueueWork = (stack: BenchStack): Contender => ({
  name: 'supaqueue work',
  setup: 'as it comes; no run of the edge function while it lives',
  async run(task) {
    const child = spawn(process.execPath, ['--import', 'tsx', join(home, 'scripts/cli/supaqueue.ts'), 'work'], {
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
      await once(child.stdout!, 'data')
      return await supaqueue(stack, 'supaqueue work').run(task)
    } finally {
      await endProgram(child)
      // The next contender must not rely on who is gone.
      await stack.db.query('delete from supaqueue.process')
    }
  },
})
