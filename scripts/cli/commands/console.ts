import { consoleCommand, type ConsoleOptions } from '../../console/options.ts'
import { untilEnded } from '../terminal/ended.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** Serves the console, and stays until it is ended. Returns the exit code. */
export async function console(options: ConsoleOptions, deps: Deps): Promise<number> {
  // From here on: whoever ends us while we start has everything stopped, too.
  const ended = untilEnded()
  const { openConsole } = await import('../../console/open.ts')
  const opened = await openConsole(consoleCommand(options, deps.env), deps)
  const { address, origin } = opened.console
  deps.say(`\nThe console is at  ${address}\n`)
  deps.say(`Do not share this address: it has your token. Links to share begin with ${origin}. Ctrl-C stops it.`)

  await ended
  await opened.stop()
  return EXIT.done
}
