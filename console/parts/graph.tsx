import type { Dependency, Job } from '../answers.ts'
import { Badge } from './badge.tsx'
import { Link } from './link.tsx'

/** What a job waits for, and what waits for it: a step in each direction. */
export function Graph({ job }: { job: Job }) {
  return (
    <div class='graph'>
      <Side title='Depends on' none='nothing' jobs={job.sources} />
      <span class='arrow' aria-hidden='true'>→</span>
      <div class='node self'>
        <strong>{job.id}</strong> <Badge status={job.status} />
        <div class='quiet'>{job.queue_name}</div>
      </div>
      <span class='arrow' aria-hidden='true'>→</span>
      <Side title='Needed by' none='nothing' jobs={job.targets} />
    </div>
  )
}

function Side({ title, none, jobs }: { title: string; none: string; jobs: Dependency[] }) {
  return (
    <div class='side'>
      <div class='quiet'>{title}{jobs.length === 0 && ` ${none}`}</div>
      {jobs.length > 0 && (
        <ul>
          {jobs.map(({ job, queue_name, status, on_failure }) => (
            <li class='node' key={job}>
              <Link to={`/jobs/${job}`}>{job}</Link> <Badge status={status} />
              <div class='quiet'>{queue_name}{on_failure !== 'cancel' && `, ${on_failure} when it fails`}</div>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
