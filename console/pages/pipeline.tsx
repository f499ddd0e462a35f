import type { Graph, GraphJob } from '../answers.ts'
import { useLive } from '../live.ts'
import { layersOf } from '../layers.ts'
import { Link } from '../parts/link.tsx'
import { Badge } from '../parts/badge.tsx'
import { Shown } from '../parts/states.tsx'
import { addressOf, go, type Place } from '../router.ts'
import { sayMany, sayStatus } from '../say.ts'

const WIDTH = 150
const HEIGHT = 46
const ACROSS = 60
const DOWN = 14

/** All jobs that hang together with one, as a drawing and as a list. */
export function PipelinePage({ place }: { place: Place }) {
  const id = place.path.slice('/pipelines/'.length)
  const live = useLive<Graph>(addressOf('graph', { job: id }))
  return (
    <Shown live={live}>
      {(graph) => {
        const ended = graph.jobs.filter(({ status }) => ['success', 'failed', 'cancelled'].includes(status)).length
        return (
          <>
            <p>
              <progress value={ended} max={graph.jobs.length} aria-label='Jobs that have ended' /> {ended} of{' '}
              {sayMany(graph.jobs.length, 'job')} ended{!graph.all && '; there are more, which are not shown'}
            </p>
            <Drawing graph={graph} self={Number(id)} />
            <h2>Jobs</h2>
            <ul class='inline'>
              {graph.jobs.map(({ job, queue_name, status }) => (
                <li key={job}>
                  <Link to={`/jobs/${job}`}>{job}</Link> <Badge status={status} />{' '}
                  <span class='quiet'>{queue_name}</span>
                </li>
              ))}
            </ul>
          </>
        )
      }}
    </Shown>
  )
}

function Drawing({ graph: { jobs, edges }, self }: { graph: Graph; self: number }) {
  const places = layersOf(jobs.map(({ job }) => job), edges)
  const at = (job: number) => {
    const { column, row } = places.get(job)!
    return { x: column * (WIDTH + ACROSS) + 2, y: row * (HEIGHT + DOWN) + 2 }
  }
  const width = Math.max(...jobs.map(({ job }) => at(job).x)) + WIDTH + 2
  const height = Math.max(...jobs.map(({ job }) => at(job).y)) + HEIGHT + 2
  const label = `${sayMany(jobs.length, 'job')} and ${
    sayMany(edges.length, 'dependency').replace(/ys$/, 'ies')
  }; the same are in the list below`
  return (
    <div class='scroll drawing' tabIndex={0} role='region' aria-label='Graph'>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role='img' aria-label={label}>
        {edges.map(({ source, target }) => {
          const [from, to] = [at(source), at(target)]
          const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2]
          const bend = ACROSS / 2
          return (
            <path key={`${source} ${target}`} d={`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />
          )
        })}
        {jobs.map((job) => <Node key={job.job} job={job} self={job.job === self} {...at(job.job)} />)}
      </svg>
    </div>
  )
}

function Node({ job, self, x, y }: { job: GraphJob; self: boolean; x: number; y: number }) {
  return (
    <g class={`${job.status}${self ? ' self' : ''}`} onClick={() => go(`/jobs/${job.job}`)}>
      <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx={7} />
      <text x={x + 10} y={y + 19}>{job.job} {sayStatus(job.status)}</text>
      <text class='small' x={x + 10} y={y + 36}>{job.queue_name.slice(0, 20)}</text>
    </g>
  )
}
