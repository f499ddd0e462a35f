import type { Job } from '../answers.ts'
import { saySpan } from '../say.ts'

const WIDTH = 1000
const HEIGHT = 46
// So short a bar can still be seen and pointed at.
const THIN = 4

/** The tries of a job from its creation to its end, or to now: when each was, how long, and how it ended. */
export function Timeline({ job }: { job: Job }) {
  const bars = job.tries.map(({ attempt, outcome, begun_at, ended_at, ms, status }) => {
    const to = time(ended_at)
    const from = ms === null ? (begun_at ? time(begun_at) : to) : to - ms
    const text = `Attempt ${attempt}: ${outcome}${status ? ` (${status})` : ''}, ${saySpan(Math.max(0, to - from))}`
    return { from, to, text, kind: outcome === 'success' ? 'good' : 'not' }
  })
  if (job.lease) {
    const from = time(job.lease.begun_at ?? job.updated_at)
    bars.push({ from, to: Date.now(), text: 'In progress', kind: 'now' })
  }
  const begin = Math.min(time(job.created_at), ...bars.map(({ from }) => from))
  const end = Math.max(job.finished_at ? time(job.finished_at) : Date.now(), ...bars.map(({ to }) => to))
  const scale = (at: number) => ((at - begin) / Math.max(1, end - begin)) * WIDTH
  const summary = `${bars.length === 0 ? 'No try yet' : bars.map(({ text }) => text).join('; ')}. From creation to ${
    job.finished_at ? 'its end' : 'now'
  }: ${saySpan(end - begin)}.`
  return (
    <svg class='timeline' viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio='none' role='img' aria-label={summary}>
      <title>{summary}</title>
      <line x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {bars.map(({ from, to, text, kind }, place) => (
        <rect
          key={place}
          class={kind}
          x={Math.min(scale(from), WIDTH - THIN)}
          y={6}
          width={Math.max(THIN, scale(to) - scale(from))}
          height={HEIGHT - 12}
        >
          <title>{text}</title>
        </rect>
      ))}
    </svg>
  )
}

const time = (iso: string) => new Date(iso).getTime()
