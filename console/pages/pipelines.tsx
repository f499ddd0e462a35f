import type { Batch, Pipelines } from '../answers.ts'
import { useLive } from '../live.ts'
import { Badge } from '../parts/badge.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { sayCount, sayMany, sayStatus } from '../say.ts'

/** The newest pipelines and batches, and how far they are. */
export function PipelinesPage() {
  const live = useLive<Pipelines>('pipelines')
  return (
    <Shown live={live}>
      {({ endings, batches }) => (
        <>
          <h2>Jobs that depend on others</h2>
          {endings.length === 0
            ? (
              <Empty title='No job depends on another'>
                In SQL: <code>select supaqueue.enqueue('merge', depends_on =&gt; array[17, 18]);</code>
              </Empty>
            )
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Pipelines'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <th scope='col'>Last job</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>Status</th>
                      <th scope='col'>Sources ended</th>
                      <th scope='col'>Graph</th>
                    </tr>
                  </thead>
                  <tbody>
                    {endings.map(({ job, queue_name, status, sources, waits_for }) => (
                      <tr key={job}>
                        <th scope='row'>
                          <Link to={`/jobs/${job}`}>{job}</Link>
                        </th>
                        <td data-label='Queue'>
                          <QueueLink name={queue_name} />
                        </td>
                        <td data-label='Status'>
                          <Badge status={status} />
                        </td>
                        <td data-label='Sources ended'>
                          <progress
                            value={sources - waits_for}
                            max={Math.max(1, sources)}
                            aria-label={`Sources of ${job} that have ended`}
                          />{' '}
                          {sayCount(sources - waits_for)} of {sayCount(sources)}
                        </td>
                        <td data-label='Graph'>
                          <Link to={`/pipelines/${job}`}>Graph of {job}</Link>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          <h2>Batches</h2>
          {batches.length === 0
            ? <Empty title='No batch yet'>Jobs that enqueue_many enqueues together are a batch.</Empty>
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Batches'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <th scope='col'>Batch</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>Created</th>
                      <th scope='col'>Ended</th>
                      <th scope='col'>Jobs</th>
                    </tr>
                  </thead>
                  <tbody>{batches.map((batch) => <BatchRow key={batch.id} batch={batch} />)}</tbody>
                </table>
              </div>
            )}
        </>
      )}
    </Shown>
  )
}

function BatchRow({ batch: { id, label, queue_name, created_at, jobs } }: { batch: Batch }) {
  const count = (statuses: (keyof typeof jobs)[]) => statuses.reduce((sum, status) => sum + (jobs[status] ?? 0), 0)
  const ended = count(['success', 'failed', 'cancelled'])
  const all = ended + count(['held', 'pending', 'in_progress'])
  return (
    <tr>
      <th scope='row' class='wide'>
        <Link to='/jobs' params={{ batch: id }}>{label ?? id}</Link>
      </th>
      <td data-label='Queue'>
        <QueueLink name={queue_name} />
      </td>
      <td data-label='Created' class='nowrap'>
        <Time at={created_at} />
      </td>
      <td data-label='Ended'>
        <progress value={ended} max={Math.max(1, all)} aria-label={`Jobs of ${label ?? id} that have ended`} />{' '}
        {sayCount(ended)} of {sayMany(all, 'job')}
      </td>
      <td data-label='Jobs'>
        {Object.entries(jobs).map(([status, count]) => `${sayCount(count)} ${sayStatus(status)}`).join(', ')}
      </td>
    </tr>
  )
}
