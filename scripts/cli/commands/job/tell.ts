import { pretty } from '../../../../console/json.ts'
import { bar } from '../../terminal/bar.ts'
import { plain } from '../../terminal/plain.ts'
import { table } from '../../terminal/table.ts'
import { clock, fromNow, span } from '../../terminal/times.ts'
import type { Edge, Step, Story, Try } from './read.ts'

// Of a payload or a result, as much as a person reads here. All of it is in --json.
const MOST_LETTERS = 2000

/** A job's story in words, the most important first: where it stands, and why. */
export function tell(story: Story): string[] {
  return [
    `Job ${story.job.id} of ${story.queue}: ${story.explain.text}`,
    '',
    ...table([{ head: '', cell: ([name]) => `  ${name}` }, { head: '', cell: ([, text]) => text }], facts(story)).slice(
      1,
    ),
    ...part('Attempts', attempts(story)),
    ...part('Steps', steps(story)),
    ...part('Waits for', story.sources.map(edge)),
    ...part('Waited for by', story.targets.map(edge)),
    ...part('Payload', json(story.payload)),
    ...part('State', story.state === null ? [] : json(story.state)),
    ...part('Result', story.result === null ? [] : json(story.result)),
  ].map(plain)
}

const part = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]

function facts({ job, now, max_attempts, lease }: Story): [string, string][] {
  const when = (time: string) => `${clock(time)} (${fromNow(time, now)})`
  const known: [string, string | number | null][] = [
    ['status', job.status.replace('_', ' ')],
    ['enqueued', when(job.created_at)],
    ['due', job.status === 'pending' && job.run_at > job.created_at ? when(job.run_at) : null],
    ['begun', lease?.begun_at ? when(lease.begun_at) : null],
    ['lease until', lease ? when(lease.lease_until) : null],
    ['ended', job.finished_at ? when(job.finished_at) : null],
    ['attempts', `${job.attempts} of ${max_attempts}`],
    ['deferred', job.deferrals ? `${job.deferrals} times in a row` : null],
    ['progress', progress(job)],
    ['priority', job.priority || null],
    ['dedupe key', job.dedupe_key ?? (job.begun_key && `${job.begun_key}, free since it began`)],
    ['concurrency key', job.concurrency_key],
    ['version', job.version],
    ['batch', job.batch],
    ['copy of', job.retry_of],
  ]
  return known.flatMap(([name, text]) => text === null ? [] : [[name, String(text)]])
}

function progress({ progress_percent: percent, progress_note: note }: Story['job']): string | null {
  if (percent === null) return note
  return `${bar(percent, 100, 20)} ${percent} %${note ? `: ${note}` : ''}`
}

function attempts({ tries }: Story): string[] {
  if (tries.length === 0) return []
  const longest = Math.max(...tries.map(({ ms }) => ms ?? 0))
  return table<Try>([
    { head: '#', cell: ({ attempt }) => String(attempt), right: true },
    { head: 'ended', cell: ({ ended_at }) => clock(ended_at) },
    { head: 'took', cell: ({ ms }) => ms === null ? '' : `${bar(ms, longest, 10)} ${took(ms)}` },
    { head: 'outcome', cell: ({ outcome, status }) => `${outcome}${status === null ? '' : ` ${status}`}` },
    { head: 'error', cell: ({ error }) => (error ?? '').split('\n')[0]!.slice(0, 200) },
  ], tries)
}

function steps({ steps, now }: Story): string[] {
  if (steps.length === 0) return []
  return table<Step>([
    { head: 'step', cell: stepName },
    {
      head: 'status',
      cell: ({ status, attempts }) => `${status.replace('_', ' ')}${attempts > 1 ? `, try ${attempts}` : ''}`,
    },
    { head: 'begun', cell: ({ begun_at }) => clock(begun_at) },
    { head: 'took', cell: (step) => stepTook(step) },
    {
      head: '',
      cell: ({ until, ended_at, error }) =>
        [
          until && !ended_at ? `until ${clock(until)} (${fromNow(until, now)})` : '',
          (error ?? '').split('\n')[0]!.slice(0, 200),
        ]
          .filter(Boolean).join(': '),
    },
  ], steps)
}

const stepName = ({ name, occurrence, item, items }: Step): string =>
  `${item > 0 ? '  ' : ''}${name}${occurrence > 1 ? ` (${occurrence}.)` : ''}${item > 0 ? ` [${item - 1}]` : ''}${
    items === null ? '' : `, ${items} items`
  }`

function stepTook({ kind, ms, begun_at, ended_at }: Step): string {
  if (kind === 'run') return ms === null ? '' : took(ms)
  return ended_at === null ? '' : span((Date.parse(ended_at) - Date.parse(begun_at)) / 1000)
}

const took = (ms: number): string => ms < 10_000 ? `${ms} ms` : span(ms / 1000)

const edge = ({ job, queue, status, on_failure, ended_as }: Edge): string =>
  `${job} of ${queue}: ${(ended_as ?? status).replace('_', ' ')}${
    on_failure === 'cancel' ? '' : `, on failure: ${on_failure}`
  }`

function json(value: string): string[] {
  const text = pretty(value)
  if (text.length <= MOST_LETTERS) return text.split('\n')
  return [...text.slice(0, MOST_LETTERS).split('\n'), `... and ${text.length - MOST_LETTERS} characters more: --json`]
}
