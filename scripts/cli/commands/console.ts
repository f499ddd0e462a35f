import { parseOptions, usage } from '../../console/options.ts'
import { untilEnded } from '../terminal/ended.ts'
import { print } from '../terminal/print.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** Serves the console, and stays until it is ended. Returns the exit code. */
export async function console(args: string[], deps: Deps): Promise<number> {
  const options = parseOptions(args, deps.env)
  if (options === 'help') {
    print(usage)
    return EXIT.done
  }
  const { openConsole } = await import('../../console/open.ts')
  const opened = await openConsole(options, deps)
  const { address, origin } = opened.console
  print(`\nThe console is at  ${address}\n`)
  print(`Keep that to yourself: it lets in. Links to share begin with ${origin}. Ctrl-C stops it.`)

  await untilEnded()
  await opened.stop()
  return EXIT.done
}
