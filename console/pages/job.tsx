import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Attempt, Job } from '../answers.ts'
import { useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Badge } from '../parts/badge.tsx'
import { CloneDialog } from '../parts/enqueue.tsx'
import { Graph } from '../parts/graph.tsx'
import { type JobAct, JobActDialog, jobActs } from '../parts/job_acts.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { Steps } from '../parts/steps.tsx'
import { Timeline } from '../parts/timeline.tsx'
import type { Place } from '../router.ts'
import { pretty } from '../json.ts'
import { saySpan } from '../say.ts'

/** One job: where it stands and why, what was tried, what it waits for. */
export function JobPage({ place }: { place: Place }) {
  const live = useLive<Job>(`job?id=${encodeURIComponent(place.path.slice('/jobs/'.length))}`)
  return <Shown live={live}>{(job) => <Story job={job} />}</Shown>
}

function Story({ job }: { job: Job }) {
  const mayAct = useMayAct()
  const [asked, setAsked] = useState<JobAct>()
  // Nothing but a person ends this wait.
  const neverRuns = job.explain.reasons.some(({ code, workers }) => code === 'workers' && workers === 0)
  const isInTheWay = job.explain.reasons.some(({ code }) => code === 'blocks')
  const [cloning, setCloning] = useState<Job>()
  return (
    <>
      <div class={`story ${job.status}`}>
        <Badge status={job.status} /> <span role='status' class={neverRuns ? 'bad' : ''}>{job.explain.text}</span>
      </div>
      {job.progress_percent !== null && (
        <p>
          <progress value={job.progress_percent} max={100} aria-label='Progress' /> {Math.round(job.progress_percent)}
          {' '}
          %{job.progress_note && `: ${job.progress_note}`}
        </p>
      )}
      <div class='buttons'>
        {jobActs.filter(({ name, fits }) => fits.includes(job.status) || name === 'cancel' && isInTheWay).map((
          what,
        ) => (
          <button
            key={what.name}
            type='button'
            disabled={!mayAct}
            onClick={() => setAsked(what)}
          >
            {what.name !== 'cancel' ? what.verb : isInTheWay ? 'Skip job' : 'Cancel job'}
          </button>
        ))}
        <button type='button' disabled={!mayAct} onClick={() => setCloning(job)}>Clone</button>
      </div>
      {job.explain.reasons.length > 1 && (
        <>
          <h2>What would unblock it</h2>
          <ul>{job.explain.reasons.map(({ code, text }) => <li key={code}>{text}</li>)}</ul>
        </>
      )}

      <h2>Attempts</h2>
      {(job.tries.length > 0 || job.lease) && <Timeline job={job} />}
      <Tries job={job} />

      {job.steps.length > 0 && <Steps job={job} />}

      <h2>Dependencies</h2>
      {job.sources.length + job.targets.length === 0
        ? <p class='quiet'>It depends on no job, and no job depends on it.</p>
        : (
          <>
            <Graph job={job} />
            <p>
              <Link to={`/pipelines/${job.id}`}>All related jobs</Link>
            </p>
          </>
        )}

      <h2>Facts</h2>
      <Facts job={job} />

      <Json title='Payload' text={job.full_payload} />
      {job.result !== null && <Json title='Result' text={job.result} />}
      {job.state !== null && <Json title='State' text={job.state} />}
      {job.error && (
        <>
          <h2>Error</h2>
          <pre tabIndex={0} role='region' aria-label='Error'>{job.error}</pre>
        </>
      )}
      {cloning && <CloneDialog job={cloning} onClose={() => setCloning(undefined)} />}
      {asked && <JobActDialog what={asked} jobs={[job.id]} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Tries({ job }: { job: Job }) {
  const { tries, status } = job
  if (tries.length === 0) {
    return (
      <p class='quiet'>
        {status === 'success'
          ? 'Attempts that succeeded are not kept, unless the queue says so (keep_success_attempts).'
          : 'No attempt has ended yet.'}
      </p>
    )
  }
  return (
    <div class='scroll' tabIndex={0} role='region' aria-label='Attempts'>
      <table class='cards'>
        <thead>
          <tr>
            <th scope='col'>Attempt</th>
            <th scope='col'>Outcome</th>
            <th scope='col'>Ended</th>
            <th scope='col' class='n'>Took</th>
            <th scope='col'>Error</th>
            <th scope='col'>Run</th>
          </tr>
        </thead>
        <tbody>
          {tries.map((one) => (
            <tr key={one.id}>
              <th scope='row'>{one.attempt}</th>
              <td data-label='Outcome'>{one.outcome}{one.status && ` ${one.status}`}</td>
              <td data-label='Ended' class='nowrap'>
                <Time at={one.ended_at} />
              </td>
              <td data-label='Took' class='n'>{one.ms === null ? '–' : saySpan(one.ms)}</td>
              <td data-label='Error' class='wide'>
                {one.error ?? '–'}
                <Heads job={job} attempt={one} />
              </td>
              <td data-label='Run'>
                <code>{one.run?.slice(0, 8) ?? '–'}</code> {one.region}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** What was sent, as far as it is known, and what came back: unfolded by whoever wants to see it. */
function Heads({ job: { id, queue, request }, attempt: { attempt, head } }: { job: Job; attempt: Attempt }) {
  const sent = [
    `${request.method} ${request.target}`,
    `supaqueue-job-id: ${id}`,
    `supaqueue-attempt: ${attempt}`,
    `idempotency-key: ${queue}-${id}`,
    ...request.headers.map((name) => `${name}: …`),
  ]
  return (
    <div class='heads'>
      <details>
        <summary>Request</summary>
        <pre>{sent.join('\n')}</pre>
        <p class='quiet'>By the current settings of queue and job. Header values are hidden.</p>
      </details>
      {head && (
        <details>
          <summary>Answer</summary>
          <pre>{head}</pre>
        </details>
      )}
    </div>
  )
}

function Facts({ job }: { job: Job }) {
  const { lease } = job
  return (
    <dl class='facts'>
      <Fact name='Queue'>
        <QueueLink name={job.queue_name} />
      </Fact>
      <Fact name='Created'>
        <Time at={job.created_at} />
      </Fact>
      <Fact name='Due'>
        <Time at={job.run_at} />
      </Fact>
      {job.finished_at && (
        <Fact name='Ended'>
          <Time at={job.finished_at} />
        </Fact>
      )}
      <Fact name='Attempts'>{job.attempts} of {job.max_attempts}</Fact>
      {job.deferrals > 0 && <Fact name='Deferred'>{job.deferrals} times</Fact>}
      <Fact name='Priority'>{job.priority}</Fact>
      {job.call_ms !== null && <Fact name='Last call took'>{saySpan(job.call_ms)}</Fact>}
      {lease && (
        <>
          <Fact name='Lease'>
            <Time at={lease.lease_until} ahead='ends' past='ran out' />
          </Fact>
          <Fact name='Held by run'>
            <code>{lease.run ?? 'none yet'}</code>
          </Fact>
          <Fact name='Worker'>
            <code>{lease.worker ?? 'removed'}</code>
          </Fact>
        </>
      )}
      {job.dedupe_key && <Fact name='Dedupe key'>{job.dedupe_key}</Fact>}
      {job.batch_limit !== null && <Fact name='Batch size'>{job.batch_limit} at most, since a call died</Fact>}
      {job.begun_key && <Fact name='Dedupe key'>{job.begun_key}, free since it began</Fact>}
      {job.concurrency_key && <Fact name='Concurrency key'>{job.concurrency_key}</Fact>}
      {job.version !== null && <Fact name='Version'>{job.version}</Fact>}
      {job.batch && (
        <Fact name='Batch'>
          <Link to='/jobs' params={{ batch: job.batch }}>{job.batch}</Link>
        </Fact>
      )}
      {job.retry_of && (
        <Fact name='Copy of'>
          <Link to={`/jobs/${job.retry_of}`}>{job.retry_of}</Link>
        </Fact>
      )}
      {job.copies.length > 0 && (
        <Fact name='Copied as'>
          {job.copies.map((copy) => <Link key={copy} to={`/jobs/${copy}`}>{copy}</Link>)}
        </Fact>
      )}
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Json = ({ title, text }: { title: string; text: string }) => (
  <>
    <h2>{title}</h2>
    <pre tabIndex={0} role='region' aria-label={title}>{pretty(text)}</pre>
  </>
)
