import type { Queue } from '../answers.ts'
import { useFindings } from '../findings.ts'
import { saySpan } from '../say.ts'
import { Link } from './link.tsx'
import { Time } from './time.tsx'

/** Whether the backlog grows, or when it is empty. */
export function Outlook({ queue: { due, paused, drains_per_minute, empty_s } }: { queue: Queue }) {
  if (due === 0 || paused) return null
  if (empty_s !== null) {
    return <div class='quiet'>empty in {due >= 10_000 ? 'more than' : 'about'} {saySpan(empty_s * 1000)}</div>
  }
  return drains_per_minute < 0 ? <div class='bad'>grows by {-drains_per_minute} a minute</div> : null
}

/** What holds a queue back: a pause, a circuit, a fault; and its limits. */
export function Brakes({ queue }: { queue: Queue }) {
  // What holds back all queues is on the page of health; said again in each line it would hide what is wrong with this one.
  const ofAll = useFindings()?.some((finding) => finding.queue === null && finding.text === queue.fault)
  return (
    <div class='brakes'>
      {queue.paused && (
        <div class='brake'>
          Paused{queue.paused_by && ` by ${queue.paused_by}`}
          {queue.paused_since && (
            <>
              {' '}
              <Time at={queue.paused_since} />
            </>
          )}
          {queue.paused_until && (
            <>
              , <Time at={queue.paused_until} ahead='ends' past='was to end' />
            </>
          )}
          {queue.paused_reason && `: ${queue.paused_reason}`}
        </div>
      )}
      {queue.circuit_open_until && queue.paused && (
        <div class='brake bad'>
          Circuit of {queue.circuit_target} open,{' '}
          <Time at={queue.circuit_open_until} ahead='next try' past='was to be tried' />
          {queue.circuit_reason && `: ${queue.circuit_reason}`}
        </div>
      )}
      {queue.fault && !queue.paused && (
        <div class='brake bad'>
          {ofAll ? <Link to='/health'>held back, as all queues are</Link> : queue.fault}
          {!ofAll && queue.remedy && (
            <>
              . To fix it: <code>{queue.remedy}</code>
            </>
          )}
        </div>
      )}
      {queue.mode === 'pull' && <div class='quiet'>pulled by consumers</div>}
      {queue.max_rps !== null && <div class='quiet'>at most {queue.max_rps} a second</div>}
    </div>
  )
}

/** How many workers of a queue are taken. */
export function Workers({ queue: { name, workers, workers_taken } }: { queue: Queue }) {
  if (workers === 0) return <span class='bad'>no worker</span>
  return (
    <>
      <meter min={0} max={workers} value={workers_taken} aria-label={`Workers of ${name} that are taken`} />
      <div>{workers_taken} of {workers} taken</div>
    </>
  )
}
