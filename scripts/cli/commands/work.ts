import type { WorkOptions } from '../../work/work.ts'
import type { Deps } from '../deps.ts'
import { serveUntilEnded } from '../terminal/ended.ts'
import { EXIT } from './exit.ts'

/** Serves queues until it is ended: what was begun is finished then. Returns the exit code. */
export async function work(options: WorkOptions, deps: Deps): Promise<number> {
  await serveUntilEnded(async () => (await import('../../work/work.ts')).openWork(options, deps), {
    stopping: 'calls that are under way are waited for',
    note: deps.note,
  })
  return EXIT.done
}
