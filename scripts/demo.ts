import { constants } from 'node:os'
import { conclusion, whatNext } from './demo/conclusion.ts'
import { type DemoOptions, parseOptions, usage } from './demo/options.ts'
import { paragraphsOf } from './demo/paragraphs.ts'
import { planJobs, type PlannedJob } from './demo/plan.ts'
import { makeProgress } from './demo/progress.ts'
import { summarize } from './demo/summary.ts'
import { table } from './demo/table.ts'
import { readText } from './demo/text.ts'
import { describeError } from './dev/command/describe.ts'
import { HintedError } from './hinted_error.ts'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(signal))
}

process.exitCode = await main()

async function main(): Promise<number> {
  let plan: { options: DemoOptions; jobs: PlannedJob[] }
  try {
    const options = parseOptions(process.argv.slice(2))
    if (options === 'help') {
      console.log(usage)
      return 0
    }
    plan = { options, jobs: planJobs(readParagraphs(options.file)) }
  } catch (reason) {
    console.error(describeError(reason))
    return 2
  }
  try {
    return await demo(plan.options, plan.jobs, interruption.signal)
  } catch (reason) {
    console.error(describeError(reason))
    return 1
  }
}

function readParagraphs(file: string): string[] {
  const paragraphs = paragraphsOf(readText(file))
  if (paragraphs.length > 0) return paragraphs
  throw new HintedError(
    'file_without_paragraphs',
    `${file} has no paragraph in it.`,
    'Give a file with prose in it; headings, tables and code are left out.',
  )
}

/** Runs the jobs and tells about it. Returns the exit code. */
async function demo({ file, json }: DemoOptions, jobs: PlannedJob[], signal: AbortSignal): Promise<number> {
  const say = json ? () => {} : (line: string) => console.log(line)
  const printed: string[] = []
  const log = (line: string) => {
    printed.push(line)
    if (line.endsWith('downloading what it imports')) console.error(`${line} (once)`)
  }
  signal.addEventListener('abort', () => say('\nStopping ...'))

  // Not before it is needed: a stack is a lot of code, and help and refusals need none of it.
  const { runJobs } = await import('./demo/run.ts')
  const silent = { show() {}, end() {} }
  const ran = await runJobs(jobs, { say, progress: json ? silent : makeProgress(process.stdout), log, signal })
    .catch((reason) => {
      // Ctrl-C reaches everything that was started from this terminal; what breaks then is no news.
      if (signal.aborted) return undefined
      printed.forEach((line) => console.error(line))
      throw reason
    })
  if (!ran) return 128 + constants.signals[signal.reason as NodeJS.Signals]

  const summary = summarize(file, ran.outcomes, ran.times)
  if (json) console.log(JSON.stringify(summary, null, 2))
  say(
    ['', ...table(ran.outcomes, process.stdout.columns ?? 120), '', ...conclusion(summary, ran.outcomes), ''].join(
      '\n',
    ),
  )
  say(whatNext)
  if (!summary.ok) printed.forEach((line) => console.error(line))
  return summary.ok ? 0 : 1
}
