import type { Spark } from '../answers.ts'
import { sayCount } from '../say.ts'

const WIDTH = 120
const HEIGHT = 28

/** Calls that ended in each minute of the last hour, and in another color those that failed. */
export function Sparkline({ spark, label }: { spark: Spark; label: string }) {
  const most = Math.max(1, ...spark.ended)
  const ended = spark.ended.reduce((sum, count) => sum + count, 0)
  const failed = spark.failed.reduce((sum, count) => sum + count, 0)
  const step = WIDTH / spark.ended.length
  const bars = (counts: number[], name: string) =>
    counts.map((count, place) =>
      count
        ? (
          <rect
            class={name}
            x={place * step}
            y={HEIGHT - height(count)}
            width={step * 0.8}
            height={height(count)}
          />
        )
        : null
    )
  const height = (count: number) => Math.max(1.5, (count / most) * (HEIGHT - 2))
  const summary = `${label}: ${sayPlain(ended)} calls ended in the last hour, ${sayPlain(failed)} of them failed`
  return (
    <svg class='spark' viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role='img' aria-label={summary}>
      <title>{summary}</title>
      <line x1='0' x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {bars(spark.ended, 'ended')}
      {bars(spark.failed, 'failed')}
    </svg>
  )
}

/** How many jobs were due in each minute of the last hour. Nothing while none was. */
export function Backlog({ spark: { backlog }, label }: { spark: Spark; label: string }) {
  const most = Math.max(0, ...backlog.map((count) => count ?? 0))
  if (most === 0) return null
  const step = WIDTH / backlog.length
  const points = backlog.map((count, place) => `${place * step},${HEIGHT - 1 - ((count ?? 0) / most) * (HEIGHT - 3)}`)
  const summary = `${label}: at most ${sayCount(most)} due at once in the last hour`
  return (
    <svg class='spark backlog' viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role='img' aria-label={summary}>
      <title>{summary}</title>
      <line x1='0' x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}

// An hour is counted in full: there is no end at ten thousand.
const sayPlain = (count: number) => sayCount(count).replace('+', '')
