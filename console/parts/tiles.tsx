import type { Queue } from '../answers.ts'
import { sayCount, sayShare } from '../say.ts'
import { Time } from './time.tsx'

/** What some queues together do, in four numbers; what is wrong is red. */
export function Tiles({ queues, label }: { queues: Queue[]; label: string }) {
  const sum = (of: (queue: Queue) => number) => queues.reduce((total, queue) => total + of(queue), 0)
  const oldest = queues.flatMap(({ oldest_due }) => oldest_due ?? []).sort()[0]
  const perMinute = sum(({ per_minute }) => per_minute)
  const worst = queues.filter(({ error_rate }) => error_rate).sort((a, b) => b.error_rate! - a.error_rate!)[0]
  return (
    <dl class='tiles' aria-label={label}>
      <div>
        <dt>Running</dt>
        <dd>{sayCount(sum(({ running }) => running))}</dd>
        <dd>of {sayCount(sum(({ workers }) => workers))} workers</dd>
      </div>
      <div>
        <dt>Due</dt>
        <dd>{sayCount(sum(({ due }) => due))}</dd>
        <dd>
          {oldest
            ? (
              <>
                the oldest <Time at={oldest} />
              </>
            )
            : 'nothing is late'}
        </dd>
      </div>
      <div>
        <dt>Calls a minute</dt>
        <dd>{perMinute.toFixed(perMinute < 10 ? 1 : 0)}</dd>
        <dd>over the last 5 min</dd>
      </div>
      <div>
        <dt>Failed</dt>
        <dd class={queues.some(({ failed }) => failed > 0) ? 'bad' : ''}>{sayCount(sum(({ failed }) => failed))}</dd>
        <dd>
          {worst
            ? `${queues.length > 1 ? `${worst.name}: ` : ''}${sayShare(worst.error_rate!)} of calls, last 5 min`
            : 'no error in the last 5 min'}
        </dd>
      </div>
    </dl>
  )
}
