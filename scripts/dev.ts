import { parseOptions, usage } from './dev/command/options.ts'
import { describe, describeError } from './dev/command/describe.ts'
import { complain, print } from './terminal/print.ts'

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    print(usage)
  } else {
    print('Starting Postgres, REST and the edge functions ...')
    // Not before it is needed: help and complaints shall come at once.
    const { startStack } = await import('./dev/stack.ts')
    const stack = await startStack({ ...options, reload: true, log: print })
    print(describe(stack, options))

    await new Promise((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.on(signal, resolve)))
    print('Stopping ...')
    await stack.stop()
    print('Stopped.')
  }
} catch (reason) {
  complain(describeError(reason))
  process.exitCode = 1
}
