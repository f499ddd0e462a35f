import { parseOptions, usage } from '../../console/options.ts'
import { untilEnded } from '../terminal/ended.ts'
import { print } from '../terminal/print.ts'
import type { World } from '../world.ts'
import { EXIT } from './exit.ts'

/** Serves the console, and stays until it is ended. Returns the exit code. */
export async function console(args: string[], world: World): Promise<number> {
  const options = parseOptions(args, world.env)
  if (options === 'help') {
    print(usage)
    return EXIT.done
  }
  const { openConsole } = await import('../../console/open.ts')
  const opened = await openConsole(options, world)
  const { address, origin } = opened.console
  print(`\nThe console is at  ${address}\n`)
  print(`Keep that to yourself: it lets in. Links to share begin with ${origin}. Ctrl-C stops it.`)

  await untilEnded()
  await opened.stop()
  return EXIT.done
}
