const WIDTH = 96
const HEIGHT = 24

/** Counts per hour of the last day, as bars. */
export function Trend({ counts, label }: { counts: number[]; label: string }) {
  const most = Math.max(1, ...counts)
  const step = WIDTH / counts.length
  const recent = counts.at(-1) ?? 0
  const summary = `${label}: ${
    counts.reduce((sum, count) => sum + count, 0)
  } in the last 24 hours, ${recent} in the last`
  return (
    <svg class='spark trend' viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role='img' aria-label={summary}>
      <title>{summary}</title>
      <line x1='0' x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {counts.map((count, place) => {
        const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2))
        return (
          <rect key={place} class='failed' x={place * step} y={HEIGHT - height} width={step * 0.8} height={height} />
        )
      })}
    </svg>
  )
}
