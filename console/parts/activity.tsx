import type { Queue, Spark } from '../answers.ts'
import { Chart } from './chart.tsx'

/** Calls of all queues that ended in each minute of the last hour, and those of them that failed. */
export const Activity = ({ queues }: { queues: Queue[] }) => (
  <LastHour spark={sumUp(queues)} label='All queues together' />
)

export const LastHour = ({ spark, label }: { spark: Spark; label: string }) => (
  <Chart
    title='Last hour'
    spark={spark}
    label={`${label}, the last hour`}
    unit='calls a minute'
    axis={['60 min ago', '45', '30', '15', 'now']}
    sayAgo={(minutes) => minutes === 1 ? 'Last minute' : `${minutes} min ago`}
  />
)

export const LastDay = ({ spark, label }: { spark: Spark; label: string }) => (
  <Chart
    title='Last 24 hours'
    spark={spark}
    label={`${label}, the last 24 hours`}
    unit='calls an hour'
    axis={['24 h ago', '18', '12', '6', 'now']}
    sayAgo={(hours) => hours === 1 ? 'Last hour' : `${hours} h ago`}
  />
)

function sumUp(queues: Queue[]): Spark {
  const length = Math.max(0, ...queues.map(({ spark }) => spark.ended.length))
  const sum = (of: (queue: Queue) => number[]) =>
    Array.from({ length }, (_, place) => queues.reduce((total, queue) => total + (of(queue)[place] ?? 0), 0))
  return { ended: sum(({ spark }) => spark.ended), failed: sum(({ spark }) => spark.failed), backlog: [] }
}
