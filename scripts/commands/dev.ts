import { describe } from '../dev/command/describe.ts'
import { parseOptions, usage } from '../dev/command/options.ts'
import { untilEnded } from '../terminal/ended.ts'
import { print } from '../terminal/print.ts'
import type { World } from '../world.ts'
import { EXIT } from './exit.ts'

/** Starts a stack on this machine, and stays until it is ended. Returns the exit code. */
export async function dev(args: string[], { env }: World): Promise<number> {
  const options = parseOptions(args, env)
  if (options === 'help') {
    print(usage)
    return EXIT.done
  }
  print('Starting Postgres, REST and the edge functions ...')
  // Not before it is needed: help and complaints shall come at once.
  const { startStack } = await import('../dev/stack.ts')
  const stack = await startStack({ ...options, reload: true, log: print })
  print(describe(stack, options))

  await untilEnded()
  print('Stopping ...')
  await stack.stop()
  print('Stopped.')
  return EXIT.done
}
