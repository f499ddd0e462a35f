import { parseArgs } from 'node:util'
import { print, printError } from '../cli/terminal/print.ts'
import { describeError } from '../dev/command/describe.ts'
import { release } from './release/release.ts'

const usage = `Usage: pnpm release [--dry-run]

Checks that this commit can be released, and makes the annotated git tag v<version> of package.json. A section of the
changelog that has no date gets today's, in a commit before the tag. It pushes nothing: it prints the command that does. The workflow release.yml publishes what a pushed tag names.

  --dry-run   check everything, make no tag
  -h, --help  this

Exit codes: 0 done, 1 something is not in order, 2 the command line is wrong`

process.exitCode = await main()

async function main(): Promise<number> {
  let options: { 'dry-run'?: boolean; help?: boolean }
  try {
    options = parseArgs({
      options: { 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (reason) {
    printError(`${(reason as Error).message}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    print(usage)
    return 0
  }
  try {
    const today = new Date().toISOString().slice(0, 10)
    await release({ folder: process.cwd(), dryRun: options['dry-run'] ?? false, today, say: print })
    return 0
  } catch (reason) {
    printError(describeError(reason))
    return 1
  }
}
