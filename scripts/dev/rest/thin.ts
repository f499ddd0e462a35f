import { answer } from '../answer.ts'
import { noFaults, withFaults } from './faults.ts'
import type { Rest, RestOptions } from './rest.ts'
import { restError } from './rpc/error.ts'
import { functionName } from './rpc/read.ts'
import { startRpc } from './rpc/rpc.ts'

/** REST for load: nothing but /rest/v1/rpc/<function>. */
export async function startRestThin(options: RestOptions): Promise<Rest> {
  const rpc = await startRpc(options)
  const faults = noFaults()
  return {
    handle: withFaults(async (request, response, caller) => {
      if (functionName(request)) return await rpc.handle(request, response, caller)
      answer(response, notHere.status, notHere.body)
    }, faults),
    refresh: rpc.refresh,
    faults,
    stop: rpc.stop,
  }
}

const notHere = restError(
  405,
  'PGRST101',
  'The thin endpoint only answers /rest/v1/rpc/<function>',
  "Start the stack with rest: 'lite' for tables.",
)
