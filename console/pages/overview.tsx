import { useState } from 'preact/hooks'
import type { Overview, Queue } from '../answers.ts'
import { asItIsNow, useLive } from '../live.ts'
import { Activity } from '../parts/activity.tsx'
import { Link } from '../parts/link.tsx'
import { type QueueAsked, QueueButtons, QueueDialog } from '../parts/queue_acts.tsx'
import { Brakes, Outlook, Workers } from '../parts/brakes.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Backlog, Sparkline } from '../parts/spark.tsx'
import { SortHead } from '../parts/sort.tsx'
import { type Columns, down, sorted, up } from '../sorted.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Tiles } from '../parts/tiles.tsx'
import { Time } from '../parts/time.tsx'
import type { Place } from '../router.ts'
import { sayCount, sayShare, saySpan } from '../say.ts'

const COLUMNS: Columns<Queue> = {
  queue: ({ name }) => name,
  workers: ({ workers }) => workers,
  running: ({ running }) => running,
  waiting: ({ waiting }) => waiting,
  due: ({ due }) => due,
  late: ({ oldest_due }) => oldest_due === null ? null : -Date.parse(oldest_due),
  failed: ({ failed }) => failed,
  calls: ({ per_minute }) => per_minute,
  errors: ({ error_rate }) => error_rate,
  ms: ({ p50_ms }) => p50_ms,
}

/** Every queue at a glance, and its brakes in reach. */
export function OverviewPage({ place }: { place: Place }) {
  const live = useLive<Overview>('overview')
  const [open, setOpen] = useState<QueueAsked>()
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
                <Tiles queues={queues} label='All queues together' />
                <Activity queues={queues} />
                <div class='scroll queues' tabIndex={0} role='region' aria-label='Queues'>
                  <table class='cards'>
                    <thead>
                      <tr>
                        <SortHead place={place} orders={up('queue')}>Queue</SortHead>
                        <SortHead place={place} orders={down('workers')}>Workers</SortHead>
                        <SortHead place={place} orders={down('running')} number>Running</SortHead>
                        <SortHead place={place} orders={down('waiting')} number>Waiting</SortHead>
                        <SortHead place={place} orders={down('due')} number>Due</SortHead>
                        <SortHead place={place} orders={down('late')} number>Oldest due</SortHead>
                        <SortHead place={place} orders={down('failed')} number>Failed</SortHead>
                        <SortHead place={place} orders={down('calls')}>Last hour</SortHead>
                        <SortHead place={place} orders={down('errors')} number>Errors</SortHead>
                        <SortHead place={place} orders={down('ms')} number>Median, p95</SortHead>
                        <th scope='col'>Actions</th>
                      </tr>
                    </thead>
                    <tbody>
                      {sorted(queues, COLUMNS, place).map((queue) => (
                        <Row key={queue.queue} queue={queue} open={setOpen} />
                      ))}
                    </tbody>
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
      {asked && <QueueDialog asked={{ ...open!, queue: asked }} onClose={close} />}
    </>
  )
}

function Row({ queue, open }: { queue: Queue; open: (what: QueueAsked) => void }) {
  const jobs = (status: string, count: number) =>
    count === 0 ? '0' : <Link to='/jobs' params={{ queue: queue.name, status }}>{sayCount(count)}</Link>
  return (
    <tr>
      <th scope='row'>
        <QueueLink name={queue.name} />
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
        <QueueButtons queue={queue} open={open} />
      </td>
    </tr>
  )
}
