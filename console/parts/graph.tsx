import type { Dependency, Job } from '../answers.ts'
import { Badge } from './badge.tsx'
import { Link } from './link.tsx'

/** What a job waits for, and what waits for it: a step in each direction. */
export function Graph({ job }: { job: Job }) {
  return (
    <div class='graph'>
      {job.sources.length > 0 && (
        <>
          <Side title='Depends on' jobs={job.sources} />
          <span class='arrow' aria-hidden='true'>→</span>
        </>
      )}
      <div class='node self'>
        <strong>{job.id}</strong> <Badge status={job.status} />
        <div class='quiet'>{job.queue_name}</div>
      </div>
      {job.targets.length > 0 && (
        <>
          <span class='arrow' aria-hidden='true'>→</span>
          <Side title='Needed by' jobs={job.targets} />
        </>
      )}
    </div>
  )
}

function Side({ title, jobs }: { title: string; jobs: Dependency[] }) {
  return (
    <div class='side'>
      <div class='quiet'>{title}</div>
      <ul>
        {jobs.map(({ job, queue_name, status, on_failure }) => (
          <li class='node' key={job}>
            <Link to={`/jobs/${job}`}>{job}</Link> <Badge status={status} />
            <div class='quiet'>{queue_name}{on_failure !== 'cancel' && `, ${on_failure} when it fails`}</div>
          </li>
        ))}
      </ul>
    </div>
  )
}
