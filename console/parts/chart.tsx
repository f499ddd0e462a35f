import type { Spark } from '../answers.ts'
import { sayMany, sayNumber } from '../say.ts'

type Props = {
  title: string
  /** One entry each for the same spans of time, the oldest first. */
  spark: Spark
  /** What is said of a place, counted from the last one: 1 is the last. */
  sayAgo: (back: number) => string
  axis: string[]
  /** Whose calls they are, and of when, for those who listen. */
  label: string
  unit: string
}

/** Calls that ended in each span of time, and those of them that failed; more where the pointer is. */
export function Chart({ title, spark: { ended, failed }, sayAgo, axis, label, unit }: Props) {
  const most = roundUp(Math.max(0, ...ended))
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
  return (
    <section class='activity'>
      <header>
        <h2>{title}</h2>
        <span class='legend'>succeeded</span>
        <span class='legend failed'>failed</span>
        <span class='quiet'>{unit}</span>
      </header>
      <div
        class='plot'
        role='img'
        aria-label={`${label}: ${sayMany(sum(ended), 'call')} ended, ${sayNumber(sum(failed))} failed`}
      >
        <div class='scale'>
          <span>{sayNumber(most)}</span>
          <span>{sayNumber(most / 2)}</span>
          <span>0</span>
        </div>
        <div class='minutes'>
          {ended.map((count, place) => (
            <div class='minute' key={place}>
              <b>
                {sayAgo(ended.length - place)}: {sayNumber(count)} ended, {sayNumber(failed[place] ?? 0)} failed
              </b>
              <i style={{ height: `${(count - (failed[place] ?? 0)) / most * 100}%` }} />
              <i class='failed' style={{ height: `${(failed[place] ?? 0) / most * 100}%` }} />
            </div>
          ))}
        </div>
        <div class='axis'>{axis.map((text) => <span key={text}>{text}</span>)}</div>
      </div>
    </section>
  )
}

/** The next number that is easy to read off an axis, and whose half is whole: 2, 4, 12, 20, 60, 100 ... */
function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, count)))
  return [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10, 20].map((step) => step * power).find((step) =>
    step >= count && step % 2 === 0
  )!
}
