import type { WorkOptions } from '../../work/work.ts'
import type { Deps } from '../deps.ts'
import { whenEnded } from '../terminal/ended.ts'
import { EXIT } from './exit.ts'

/** Serves queues until it is ended: what was begun is finished then. A second signal ends it at once. Returns the exit code. */
export async function work(options: WorkOptions, deps: Deps): Promise<number> {
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => ended = resolve)
  // From here on: whoever ends us while we start has everything stopped, too.
  const forget = whenEnded(() => ended())
  try {
    const { openWork } = await import('../../work/work.ts')
    const work = await openWork(options, deps)
    await end
    deps.note('Stopping: calls that are under way are waited for. Once more ends it at once.')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(EXIT.failed))
    await work.stop()
    return EXIT.done
  } finally {
    forget()
  }
}
