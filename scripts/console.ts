import { parseOptions, usage } from './console/options.ts'
import { openConsole } from './console/open.ts'
import { describeError } from './dev/command/describe.ts'
import { realWorld } from './world.ts'

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    console.log(usage)
  } else {
    const opened = await openConsole(options, realWorld())
    const { address, origin } = opened.console
    console.log(`\nThe console is at  ${address}\n`)
    console.log(`Keep that to yourself: it lets in. Links to share begin with ${origin}. Ctrl-C stops it.`)

    await new Promise((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.on(signal, resolve)))
    await opened.stop()
  }
} catch (reason) {
  console.error(describeError(reason))
  process.exitCode = 1
}
