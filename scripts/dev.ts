import { say } from './dev/command/say.ts'
import { parseOptions, usage } from './dev/command/options.ts'
import { describe, describeError } from './dev/command/describe.ts'

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    say(usage)
  } else {
    say('Starting Postgres, REST and the edge functions ...')
    // Not before it is needed: help and complaints shall come at once.
    const { startStack } = await import('./dev/stack.ts')
    const stack = await startStack({ ...options, reload: true, log: say })
    say(describe(stack, options))

    await new Promise((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.on(signal, resolve)))
    say('Stopping ...')
    await stack.stop()
    say('Stopped.')
  }
} catch (reason) {
  console.error(describeError(reason))
  process.exitCode = 1
}
