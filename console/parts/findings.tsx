import { useState } from 'preact/hooks'
import type { Finding, Findings } from '../answers.ts'
import { useFindings } from '../findings.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Link } from './link.tsx'
import { QueueLink } from './queue_link.tsx'
import { Shown } from './states.tsx'
import { Time } from './time.tsx'
import { tell } from './toast.tsx'

const SEVERITY = { error: 'Error', warning: 'Warning', info: 'As intended' } as const

type Doing = { label: string; done: string; name: string; body: (queue: string | null) => object }

// What one click can do about it. For the rest, the command is shown.
const ACTS: Record<string, Doing> = {
  circuit_open: { label: 'Try now', done: 'One job is being tried.', name: 'try-target', body: (queue) => ({ queue }) },
  stands_still: { label: 'Sweep now', done: 'Swept.', name: 'sweep', body: () => ({}) },
  no_workers: {
    label: 'Add a worker',
    done: 'It has a worker.',
    name: 'set-concurrency',
    body: (queue) => ({ queue, calls: 1 }),
  },
  paused: { label: 'Resume', done: 'It is resumed.', name: 'resume', body: (queue) => ({ queue }) },
  calls_fail: {
    label: 'Retry failed jobs',
    done: 'They start over.',
    name: 'retry-where',
    body: (queue) => ({ queue, filter: {}, most: null, per_second: null }),
  },
  set_aside: {
    label: 'Try again',
    done: 'Tried again.',
    name: 'try-again',
    body: () => ({ kind: null, subject: null }),
  },
}

/** What somebody should know, the worst first, each with what fixes it. */
export function FindingList() {
  const live = useLive<Findings>('findings')
  return (
    <Shown live={live}>
      {({ findings }) =>
        findings.length === 0
          ? <p class='verdict go' role='status'>Everything works: wake-ups are accepted, and the sweep runs.</p>
          : (
            <ul class='findings' aria-label='Findings'>
              {findings.map((finding, place) => <Item key={keyOf(findings, place)} finding={finding} />)}
            </ul>
          )}
    </Shown>
  )
}

// Not by its text, in which numbers change: a button would be another one each time.
function keyOf(findings: Finding[], place: number): string {
  const kind = ({ code, queue }: Finding) => `${code} ${queue}`
  const mine = kind(findings[place]!)
  return `${mine} ${findings.slice(0, place).filter((other) => kind(other) === mine).length}`
}

function Item({ finding: { code, severity, text, remedy, since, queue } }: { finding: Finding }) {
  const mayAct = useMayAct()
  const [busy, setBusy] = useState(false)
  const doing = ACTS[code]
  const run = async () => {
    setBusy(true)
    try {
      await act(doing!.name, doing!.body(queue))
      tell(doing!.done)
    } catch (reason) {
      tell((reason as { message: string }).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <li class={severity}>
      <div>
        <strong class='severity'>{SEVERITY[severity]}</strong> {text}
        {since && (
          <span class='quiet'>
            · since <Time at={since} />
          </span>
        )}
        {queue && (
          <span class='quiet'>
            · queue <QueueLink name={queue} />
          </span>
        )}
      </div>
      {remedy && (
        <div class='remedy'>
          <span class='quiet'>{severity === 'info' ? 'To undo it:' : 'To fix it:'}</span> <code>{remedy}</code>
        </div>
      )}
      {doing && <button type='button' disabled={!mayAct || busy} onClick={run}>{doing.label}</button>}
    </li>
  )
}

/** On every page: whether something is wrong, and how much. */
export function HealthBadge() {
  const findings = useFindings()
  if (!findings) return null
  const errors = findings.filter(({ severity }) => severity === 'error')
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  const worst = errors[0] ?? warnings[0]
  if (!worst) return null
  const count = errors.length + warnings.length
  return (
    <div class={`alarm ${worst.severity}`} role='status'>
      <strong>{SEVERITY[worst.severity]}:</strong> {worst.text}{' '}
      <Link to='/health'>{count === 1 ? 'How to fix it' : `How to fix it, and ${count - 1} more`}</Link>
    </div>
  )
}
