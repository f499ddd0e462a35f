import { useState } from 'preact/hooks'
import type { JobLine, Jobs } from '../answers.ts'
import { useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Badge } from '../parts/badge.tsx'
import { Fold } from '../parts/fold.tsx'
import { type JobAct, JobActDialog, jobActs } from '../parts/job_acts.tsx'
import { JobFilter } from '../parts/job_filter.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { SortHead } from '../parts/sort.tsx'
import { Time } from '../parts/time.tsx'
import { addressOf, type Place } from '../router.ts'
import { sayMany, sayNumber, saySpan } from '../say.ts'

/** Jobs by queue, status, time, batch, key and payload; many of them can be chosen and acted on. */
export function JobsPage({ place }: { place: Place }) {
  const live = useLive<Jobs>(addressOf('jobs', place.params))
  const [chosen, setChosen] = useState<Set<number>>(new Set())
  // What and of which jobs: those that were chosen then, whatever the list shows by now.
  const [asked, setAsked] = useState<{ what: JobAct; jobs: number[] }>()
  const jobs = live.data?.jobs ?? []
  const some = jobs.filter(({ id }) => chosen.has(id))
  const choose = (ids: number[], wanted: boolean) => {
    setChosen(new Set(wanted ? [...chosen, ...ids] : [...chosen].filter((id) => !ids.includes(id))))
  }
  return (
    <>
      <JobFilter place={place} queues={live.data?.queues ?? []} />
      <Chosen jobs={some} ask={setAsked} />
      <Shown live={live}>
        {({ jobs, next, full, sorted }) => (
          <>
            {jobs.length > 0
              ? <JobTable place={place} jobs={jobs} chosen={chosen} choose={choose} />
              : (
                <Empty title={full ? 'No job matches' : 'No match so far'}>
                  {full ? 'Change the filter, or clear it.' : 'There may be some further back.'}
                </Empty>
              )}
            {sorted !== null && (
              <p class='quiet'>
                Sorted: the first {sayNumber(sorted)} jobs that fit. Narrow the filter to sort others.
              </p>
            )}
            <nav class='pages' aria-label='Pages of the list'>
              {place.params.has('after') && (
                <Link to='/jobs' params={{ ...paramsOf(place), after: '' }}>First page</Link>
              )}
              {next && (
                <Link to='/jobs' params={{ ...paramsOf(place), after: next }}>
                  {full ? 'Next page' : 'Keep looking further back'}
                </Link>
              )}
            </nav>
          </>
        )}
      </Shown>
      {asked && (
        <JobActDialog
          {...asked}
          onClose={() => setAsked(undefined)}
          onDone={() => setChosen(new Set())}
        />
      )}
    </>
  )
}

const paramsOf = ({ params }: Place) => Object.fromEntries(params)

function Chosen({ jobs, ask }: { jobs: JobLine[]; ask: (asked: { what: JobAct; jobs: number[] }) => void }) {
  return (
    <div class='chosen buttons' role='group' aria-label='What to do with the selected jobs'>
      <span>{sayMany(jobs.length, 'job')} selected</span>
      {jobActs.map((what) => {
        const fit = jobs.filter(({ status }) => what.fits.includes(status)).map(({ id }) => id)
        return (
          <button
            key={what.name}
            type='button'
            disabled={fit.length === 0}
            onClick={() => ask({ what, jobs: fit })}
          >
            {what.verb}
            {fit.length > 0 && ` (${fit.length})`}
          </button>
        )
      })}
    </div>
  )
}

type TableProps = {
  place: Place
  jobs: JobLine[]
  chosen: Set<number>
  choose: (ids: number[], wanted: boolean) => void
}

function JobTable({ place, jobs, chosen, choose }: TableProps) {
  const mayAct = useMayAct()
  const ids = jobs.map(({ id }) => id)
  return (
    <div class='scroll' tabIndex={0} role='region' aria-label='Jobs'>
      <table class='cards jobs'>
        <thead>
          <tr>
            <td>
              <input
                type='checkbox'
                aria-label='Select all on this page'
                disabled={!mayAct}
                checked={ids.every((id) => chosen.has(id))}
                onChange={(event) => choose(ids, event.currentTarget.checked)}
              />
            </td>
            <SortHead place={place} orders={[{ sort: 'oldest', direction: 'ascending' }]}>Job</SortHead>
            <th scope='col'>Queue</th>
            <th scope='col'>Status</th>
            <SortHead place={place} orders={[{ sort: 'attempts', direction: 'descending' }]} number>Attempts</SortHead>
            <SortHead place={place} orders={[{ sort: 'priority', direction: 'descending' }]} number>Priority</SortHead>
            <SortHead place={place} orders={[{ sort: 'slowest', direction: 'descending' }]} number>Took</SortHead>
            <SortHead place={place} orders={[{ sort: 'due', direction: 'ascending' }]}>When</SortHead>
            <th scope='col'>Payload</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td data-label='Select'>
                <input
                  type='checkbox'
                  aria-label={`Select job ${job.id}`}
                  disabled={!mayAct}
                  checked={chosen.has(job.id)}
                  onChange={(event) => choose([job.id], event.currentTarget.checked)}
                />
              </td>
              <th scope='row'>
                <Link to={`/jobs/${job.id}`}>{job.id}</Link>
              </th>
              <td data-label='Queue'>
                <QueueLink name={job.queue_name} />
              </td>
              <td data-label='Status'>
                <Badge status={job.status} />
                {job.progress_percent !== null && <span class='quiet'>{Math.round(job.progress_percent)} %</span>}
              </td>
              <td data-label='Attempts' class='n'>{job.attempts}</td>
              <td data-label='Priority' class={job.priority === 0 ? 'n quiet' : 'n'}>{sayNumber(job.priority)}</td>
              <td data-label='Took' class='n'>
                {job.call_ms === null ? '–' : saySpan(job.call_ms)}
              </td>
              <td data-label='When' class='nowrap'>
                <When job={job} />
              </td>
              <td data-label='Payload' class='wide'>
                <Fold payload={job.payload} error={job.status === 'success' ? null : job.error} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function When({ job: { status, run_at, finished_at, created_at } }: { job: JobLine }) {
  if (status === 'pending') {
    return (
      <>
        due <Time at={run_at} />
      </>
    )
  }
  if (finished_at) {
    return (
      <>
        ended <Time at={finished_at} />
      </>
    )
  }
  return (
    <>
      created <Time at={created_at} />
    </>
  )
}
