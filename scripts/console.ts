import { parseOptions, usage } from './console/options.ts'
import { openConsole } from './console/open.ts'
import { describeError } from './dev/command/describe.ts'
import { realWorld } from './world.ts'
import { complain, print } from './terminal/print.ts'

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    print(usage)
  } else {
    const opened = await openConsole(options, realWorld())
    const { address, origin } = opened.console
    print(`\nThe console is at  ${address}\n`)
    print(`Keep that to yourself: it lets in. Links to share begin with ${origin}. Ctrl-C stops it.`)

    await new Promise((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.on(signal, resolve)))
    await opened.stop()
  }
} catch (reason) {
  complain(describeError(reason))
  process.exitCode = 1
}
