import type { Queue } from '../answers.ts'
import { sayMany, sayNumber } from '../say.ts'

/** Calls of all queues that ended in each minute of the last hour, and those of them that failed; more where the pointer is. */
export function Activity({ queues }: { queues: Queue[] }) {
  const minutes = sumUp(queues)
  const most = roundUp(Math.max(...minutes.map(({ ended }) => ended)))
  const ended = minutes.reduce((sum, minute) => sum + minute.ended, 0)
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0)
  return (
    <section class='activity'>
      <header>
        <h2>Last hour</h2>
        <span class='legend'>succeeded</span>
        <span class='legend failed'>failed</span>
        <span class='quiet'>calls a minute</span>
      </header>
      <div
        class='plot'
        role='img'
        aria-label={`All queues together: ${sayMany(ended, 'call')} ended in the last hour, ${
          sayNumber(failed)
        } failed`}
      >
        <div class='scale'>
          <span>{sayNumber(most)}</span>
          <span>{sayNumber(most / 2)}</span>
          <span>0</span>
        </div>
        <div class='minutes'>
          {minutes.map((minute, place) => (
            <div class='minute' key={place}>
              <b>
                {sayAgo(minutes.length - place)}: {sayNumber(minute.ended)} ended, {sayNumber(minute.failed)} failed
              </b>
              <i style={{ height: `${(minute.ended - minute.failed) / most * 100}%` }} />
              <i class='failed' style={{ height: `${minute.failed / most * 100}%` }} />
            </div>
          ))}
        </div>
        <div class='axis'>
          <span>60 min ago</span>
          <span>45</span>
          <span>30</span>
          <span>15</span>
          <span>now</span>
        </div>
      </div>
    </section>
  )
}

function sumUp(queues: Queue[]): { ended: number; failed: number }[] {
  const length = Math.max(0, ...queues.map(({ spark }) => spark.ended.length))
  return Array.from({ length }, (_, place) => ({
    ended: queues.reduce((sum, { spark }) => sum + (spark.ended[place] ?? 0), 0),
    failed: queues.reduce((sum, { spark }) => sum + (spark.failed[place] ?? 0), 0),
  }))
}

/** The next number that is easy to read off an axis, and whose half is whole: 2, 4, 12, 20, 60, 100 ... */
function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, count)))
  return [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10, 20].map((step) => step * power).find((step) =>
    step >= count && step % 2 === 0
  )!
}

const sayAgo = (minutes: number) => minutes === 1 ? 'Last minute' : `${minutes} min ago`
