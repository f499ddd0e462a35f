import { describeError } from '../dev/command/describe.ts'
import { parseOptions, type SoakOptions, usage } from './options.ts'
import { summary } from './summary.ts'
import { print, printError } from '../cli/terminal/print.ts'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice, it does not wait for the books. What it started notices, and goes.
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort(signal)
  })
}

process.exitCode = await main()

async function main(): Promise<number> {
  let options: SoakOptions
  try {
    const parsed = parseOptions(process.argv.slice(2), () => Date.now() % 2 ** 31)
    if (parsed === 'help') {
      print(usage)
      return 0
    }
    options = parsed
  } catch (reason) {
    printError(describeError(reason))
    return 2
  }
  try {
    return await run(options)
  } catch (reason) {
    printError(describeError(reason))
    return 1
  }
}

async function run({ minutes, seed, json }: SoakOptions): Promise<number> {
  const say = json ? () => {} : (line: string) => print(line)
  // The dispatcher warns as long as things are broken on purpose; the last of it may tell why a ledger does not balance.
  const printed: string[] = []
  const log = (line: string) => {
    printed.push(line)
    printed.splice(0, printed.length - 200)
  }
  say(`Soaking for ${minutes} minutes with seed ${seed}. Ctrl-C ends it early and balances the books.`)

  // Not before it is needed: a stack is a lot of code, and help and refusals need none of it.
  const { soak } = await import('./run.ts')
  const ledger = await soak({ ms: minutes * 60_000, seed, signal: interruption.signal, say, log })
  print(json ? JSON.stringify(ledger, null, 2) : summary(ledger))
  if (!ledger.balanced) printed.forEach((line) => printError(line))
  return ledger.balanced ? 0 : 1
}
