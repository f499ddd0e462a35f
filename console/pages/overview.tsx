import { useState } from 'preact/hooks'
import type { Overview, Queue } from '../answers.ts'
import { useFindings } from '../findings.ts'
import { asItIsNow, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Activity } from '../parts/activity.tsx'
import { Link } from '../parts/link.tsx'
import { PauseDialog, ResumeDialog } from '../parts/pause.tsx'
import { LimitsDialog } from '../parts/limits.tsx'
import { Backlog, Sparkline } from '../parts/spark.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Tiles } from '../parts/tiles.tsx'
import { Time } from '../parts/time.tsx'
import { sayCount, sayShare, saySpan } from '../say.ts'

type Open = { dialog: 'pause' | 'resume' | 'limits'; queue: Queue }

/** Every queue at a glance, and its brakes in reach. */
export function OverviewPage() {
  const live = useLive<Overview>('overview')
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const asked = open && asItIsNow(open.queue, live.data?.queues, ({ queue }) => queue === open.queue.queue)
  return (
    <>
      <Shown live={live}>
        {({ queues, swept_at }) =>
          queues.length === 0
            ? (
              <Empty title='No queue yet'>
                In SQL: <code>select supaqueue.create_queue('hello', workers =&gt; 2);</code>
              </Empty>
            )
            : (
              <>
                <Tiles queues={queues} />
                <Activity queues={queues} />
                <div class='scroll queues' tabIndex={0} role='region' aria-label='Queues'>
                  <table class='cards'>
                    <thead>
                      <tr>
                        <th scope='col'>Queue</th>
                        <th scope='col'>Workers</th>
                        <th scope='col' class='n'>Running</th>
                        <th scope='col' class='n'>Waiting</th>
                        <th scope='col' class='n'>Due</th>
                        <th scope='col' class='n'>Oldest due</th>
                        <th scope='col' class='n'>Failed</th>
                        <th scope='col'>Last hour</th>
                        <th scope='col' class='n'>Errors</th>
                        <th scope='col' class='n'>Median, p95</th>
                        <th scope='col'>Actions</th>
                      </tr>
                    </thead>
                    <tbody>{queues.map((queue) => <Row key={queue.queue} queue={queue} open={setOpen} />)}</tbody>
                  </table>
                </div>
                <p class='quiet'>
                  The sweep last ran{' '}
                  <Time at={swept_at} none='never' />. Waiting, due and failed are counted up to 10,000; errors are of
                  the last five minutes.
                </p>
              </>
            )}
      </Shown>
      {asked && open?.dialog === 'pause' && <PauseDialog queue={asked} onClose={close} />}
      {asked && open?.dialog === 'resume' && <ResumeDialog queue={asked} onClose={close} />}
      {asked && open?.dialog === 'limits' && <LimitsDialog queue={asked} onClose={close} />}
    </>
  )
}

function Row({ queue, open }: { queue: Queue; open: (what: Open) => void }) {
  const mayAct = useMayAct()
  const jobs = (status: string, count: number) =>
    count === 0 ? '0' : <Link to='/jobs' params={{ queue: queue.name, status }}>{sayCount(count)}</Link>
  return (
    <tr>
      <th scope='row'>
        <Link to='/jobs' params={{ queue: queue.name }}>{queue.name}</Link>
        {queue.target !== queue.name && <div class='quiet'>{queue.target}</div>}
        <Brakes queue={queue} />
      </th>
      <td data-label='Workers'>
        <Workers queue={queue} />
      </td>
      <td data-label='Running' class='n'>{jobs('in_progress', queue.running)}</td>
      <td data-label='Waiting' class='n'>{jobs('pending', queue.waiting)}</td>
      <td data-label='Due' class='n'>
        {sayCount(queue.due)}
        <Backlog spark={queue.spark} label={queue.name} />
        <Outlook queue={queue} />
      </td>
      <td data-label='Oldest due' class='n'>
        <Time at={queue.oldest_due} />
      </td>
      <td data-label='Failed' class='n'>{jobs('failed', queue.failed)}</td>
      <td data-label='Last hour'>
        <Sparkline spark={queue.spark} label={queue.name} />
        <div class='quiet'>{queue.per_minute} calls a minute</div>
      </td>
      <td data-label='Errors' class={queue.error_rate ? 'n bad' : 'n'}>
        {queue.error_rate === null ? '–' : sayShare(queue.error_rate)}
      </td>
      <td data-label='Median, p95' class='n'>
        {queue.p50_ms === null ? '–' : (
          <>
            {saySpan(queue.p50_ms)}
            <div class='quiet'>{saySpan(queue.p95_ms ?? 0)}</div>
          </>
        )}
      </td>
      <td data-label='Actions'>
        <div class='buttons'>
          {queue.paused
            ? <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'resume', queue })}>Resume</button>
            : <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'pause', queue })}>Pause</button>}
          <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'limits', queue })}>
            Workers &amp; rate
          </button>
        </div>
      </td>
    </tr>
  )
}

/** Whether the backlog grows, or when it is empty. */
function Outlook({ queue: { due, paused, drains_per_minute, empty_s } }: { queue: Queue }) {
  if (due === 0 || paused) return null
  if (empty_s !== null) {
    return <div class='quiet'>empty in {due >= 10_000 ? 'more than' : 'about'} {saySpan(empty_s * 1000)}</div>
  }
  return drains_per_minute < 0 ? <div class='bad'>grows by {-drains_per_minute} a minute</div> : null
}

function Brakes({ queue }: { queue: Queue }) {
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
              , ends <Time at={queue.paused_until} />
            </>
          )}
          {queue.paused_reason && `: ${queue.paused_reason}`}
        </div>
      )}
      {queue.circuit_open_until && queue.paused && (
        <div class='brake bad'>
          Circuit of {queue.circuit_target} open, tried <Time at={queue.circuit_open_until} />
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

function Workers({ queue: { name, workers, workers_taken } }: { queue: Queue }) {
  if (workers === 0) return <span class='bad'>no worker</span>
  return (
    <>
      <meter min={0} max={workers} value={workers_taken} aria-label={`Workers of ${name} that are taken`} />
      <div>{workers_taken} of {workers} taken</div>
    </>
  )
}
