import type { ApiOptions } from '../../api/api.ts'
import type { Deps } from '../deps.ts'
import { serveUntilEnded } from '../terminal/ended.ts'
import { EXIT } from './exit.ts'

/** Serves the HTTP API until it is ended: requests that have begun are answered then. Returns the exit code. */
export async function api(options: ApiOptions, deps: Deps): Promise<number> {
  await serveUntilEnded(async () => (await import('../../api/api.ts')).openApi(options, deps), {
    stopping: 'requests that have begun are answered',
    note: deps.note,
  })
  return EXIT.done
}
