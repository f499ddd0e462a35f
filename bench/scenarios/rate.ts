import { setTimeout as pause } from 'node:timers/promises'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { short } from '../stats.ts'

const perSecond = 10
const seconds = 30

export const rate: Scenario = {
  name: 'rate',
  about: `how near to max_rps of ${perSecond} a queue comes in ${seconds} seconds, with one worker and with twenty`,
  measure: (bench) => withStack({}, (stack) => measure(bench, stack)),
}

// That no more begin than the rate lets is a proof (test/control.proof.ts), and true on any machine. That no fewer begin
// is true of a machine that has the time.
async function measure({ say }: Bench, stack: BenchStack): Promise<Finding> {
  const workers = [1, 20]
  const queues = await Promise.all(workers.map((count) => makeQueue(stack.db, 'noop', count)))
  for (const queue of queues) {
    await stack.db.query('update supaqueue.queue set keep_success_attempts = true where id = $1', [queue])
    await stack.db.query('select supaqueue.set_max_rps($1, $2)', [queue, perSecond])
    await stack.db.query(
      'insert into supaqueue.job (queue) select $1 from generate_series(1, $2)',
      [queue, (seconds + 5) * perSecond],
    )
  }
  say(`${seconds} seconds at ${perSecond} a second`)
  await pause((seconds + 3) * 1000)
  const begun = await Promise.all(queues.map(async (queue) => {
    const { rows: [found] } = await stack.db.query<{ count: number }>(
      `select count(*)::integer as count
       from supaqueue.attempt join supaqueue.job on job.id = attempt.job
       where job.queue = $1 and attempt.begun_at < (
         select min(begun_at) from supaqueue.attempt as first join supaqueue.job on job.id = first.job where job.queue = $1
       ) + $2 * interval '1 second'`,
      [queue, seconds],
    )
    return found!.count
  }))
  return {
    tables: [{
      title: `max_rps ${perSecond} for ${seconds} seconds`,
      columns: ['workers', 'begun'],
      rows: workers.map((count, nth) => [short(count), short(begun[nth]!)]),
      notes: [],
    }],
    targets: workers.map((count, nth) => ({
      claim: `max_rps of ${perSecond} lets at least ${
        perSecond * seconds - 10
      } begin in ${seconds} s, workers: ${count}`,
      reached: short(begun[nth]!),
      held: begun[nth]! >= perSecond * seconds - 10,
    })),
    samples: { workers, begun },
  }
}
