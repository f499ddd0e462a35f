import type { ApiOptions } from '../../api/api.ts'
import type { Deps } from '../deps.ts'
import { whenEnded } from '../terminal/ended.ts'
import { EXIT } from './exit.ts'

/** Serves the HTTP API until it is ended: requests that have begun are answered then. A second signal ends it at once. Returns the exit code. */
export async function api(options: ApiOptions, deps: Deps): Promise<number> {
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => ended = resolve)
  // From here on: whoever ends us while we start has everything stopped, too.
  const forget = whenEnded(() => ended())
  try {
    const { openApi } = await import('../../api/api.ts')
    const { stop } = await openApi(options, deps)
    await end
    deps.note('Stopping: requests that have begun are answered. Once more ends it at once.')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(EXIT.failed))
    await stop()
    return EXIT.done
  } finally {
    forget()
  }
}
