import { constants } from 'node:os'
import { paragraphsOf } from '../../../examples/supabase/functions/split-document/paragraphs.ts'
import { mostParagraphs, planJobs } from '../../../examples/supabase/functions/split-document/plan.ts'
import { conclusion, whatNext } from '../../demo/conclusion.ts'
import { type DemoOptions, ownText } from '../../demo/options.ts'
import { makeProgress } from '../../demo/progress.ts'
import { summarize } from '../../demo/summary.ts'
import { table } from '../../demo/table.ts'
import { readText } from '../../demo/text.ts'
import { expectParts } from '../../dev/needs.ts'
import type { Deps } from '../deps.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { whenEnded } from '../terminal/ended.ts'
import { EXIT } from './exit.ts'

/** Runs a pipeline of real jobs on a stack of its own. Returns the exit code. */
export async function demo({ file = ownText, json = false }: DemoOptions, deps: Deps): Promise<number> {
  const text = readProse(file)
  const interruption = new AbortController()
  whenEnded((signal) => interruption.abort(signal))
  // As when the output goes to `head`, which leaves after some lines. Unheard, it would end us with the stack running.
  process.stdout.on('error', () => interruption.abort('SIGPIPE'))
  return await tell({ file, json }, text, interruption.signal, deps)
}

function readProse(file: string): string {
  const text = readText(file)
  if (paragraphsOf(text).length > 0) return text
  throw new SupaqueueError(
    'SQ422',
    `${file} has no paragraph in it.`,
    'Give a file with prose in it; headings, tables and code are left out.',
  )
}

/** Has a text split, read and merged, and tells about it. Returns the exit code. */
async function tell(
  { file, json }: Required<DemoOptions>,
  text: string,
  signal: AbortSignal,
  deps: Deps,
): Promise<number> {
  const say = json ? () => {} : deps.say
  const paragraphs = paragraphsOf(text)
  const leftOut = Math.max(0, paragraphs.length - mostParagraphs)
  if (leftOut > 0) say(`The text has ${paragraphs.length} paragraphs; the first ${mostParagraphs} are read.`)
  const jobs = planJobs(paragraphs)

  const printed: string[] = []
  const log = (line: string) => {
    printed.push(line)
    if (line.endsWith('downloading what it imports')) deps.note(`${line} (once)`)
  }
  signal.addEventListener('abort', () => say('\nStopping ...'))

  expectParts()
  // Not before it is needed: a stack is a lot of code, and help and refusals need none of it.
  const { runPipeline } = await import('../../demo/run.ts')
  const silent = { show() {}, end() {} }
  const ran = await runPipeline(text, jobs, {
    say,
    progress: json ? silent : makeProgress(process.stdout),
    log,
    signal,
  })
    .catch((reason) => {
      // Ctrl-C reaches everything that was started from this terminal; what breaks then is no news.
      if (signal.aborted) return undefined
      printed.forEach((line) => deps.note(line))
      throw reason
    })
  if (!ran) return 128 + constants.signals[signal.reason as NodeJS.Signals]

  const summary = summarize({ file, leftOut }, ran)
  if (json) deps.say(JSON.stringify(summary, null, 2))
  const width = process.stdout.columns ?? 120
  const story = ['', ...table(ran.outcomes, width), '', ...conclusion(summary, ran.outcomes), '', whatNext]
  say(story.join('\n'))
  if (!summary.ok) printed.forEach((line) => deps.note(line))
  return summary.ok ? EXIT.done : EXIT.failed
}
