import pg from 'pg'
import { insertSteadily } from '../pace.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { quantile, short } from '../stats.ts'

const perSecond = 300

export const snapshot: Scenario = {
  name: 'snapshot',
  about: 'throughput while somebody holds an old snapshot open, so that no dead row can go',
  measure: (bench) => withStack({}, (stack) => measure(bench, stack)),
}

type Phase = { name: string; seconds: number; perSecond: number; backlog: number; turnMs: number[] }

async function measure({ options, say }: Bench, stack: BenchStack): Promise<Finding> {
  const queue = await makeQueue(stack.db, 'noop', 50)
  const turnMs = timeTurns(stack)
  const seconds = options.quick ? 3 : options.fullScale ? 1800 : 30
  const aside = options.quick ? 3 : options.fullScale ? 120 : 10
  const parts = options.fullScale ? 6 : 2
  const phases: Phase[] = []

  await insertSteadily(stack, queue, perSecond, 2)
  phases.push(await phase('nobody holds one', aside))
  const holder = new pg.Client({ connectionString: stack.databaseUrl })
  await holder.connect()
  await holder.query('begin isolation level repeatable read')
  await holder.query('select count(*) from supaqueue.queue')
  for (let part = 1; part <= parts; part++) phases.push(await phase(`held, part ${part} of ${parts}`, seconds / parts))
  await holder.query('commit')
  await holder.end()
  phases.push(await phase('released', aside))
  return finding(phases, seconds)

  async function phase(name: string, length: number): Promise<Phase> {
    turnMs.length = 0
    const from = performance.now()
    const before = await counts(stack, queue)
    await insertSteadily(stack, queue, perSecond, length)
    const after = await counts(stack, queue)
    const took = (performance.now() - from) / 1000
    const found = {
      name,
      seconds: took,
      perSecond: (after.done - before.done) / took,
      backlog: after.pending,
      turnMs: [0.5, 0.99].map((q) => quantile(turnMs, q)),
    }
    say(`${name}: ${short(found.perSecond)} jobs/s, turn p50 ${short(found.turnMs[0] ?? NaN)} ms`)
    return found
  }
}

/** The milliseconds of every turn from now on, as the endpoint sees them. */
function timeTurns({ rest }: BenchStack): number[] {
  const taken: number[] = []
  const handle = rest.handle
  rest.handle = async (...given) => {
    const from = performance.now()
    await handle(...given)
    taken.push(performance.now() - from)
  }
  return taken
}

async function counts({ db }: BenchStack, queue: string): Promise<{ done: number; pending: number }> {
  const { rows: [found] } = await db.query(
    `select
       count(*) filter (where status = 'success')::integer as done,
       count(*) filter (where status <> 'success')::integer as pending
     from supaqueue.job
     where queue = $1`,
    [queue],
  )
  return found
}

function finding(phases: Phase[], seconds: number): Finding {
  const [free, late] = [phases[0], phases.at(-2)]
  const share = (late?.perSecond ?? NaN) / (free?.perSecond ?? NaN)
  const turns = (late?.turnMs[0] ?? NaN) / (free?.turnMs[0] ?? NaN)
  return {
    tables: [{
      title: `An old snapshot held for ${short(seconds)} s, ${perSecond} inserts/s, no-op function, 50 workers`,
      columns: ['snapshot', 'jobs/s', 'waiting or running at the end', 'turn p50 ms', 'turn p99 ms'],
      rows: phases.map(({ name, perSecond, backlog, turnMs }) => [
        name,
        short(perSecond),
        short(backlog),
        ...turnMs.map(short),
      ]),
      notes: [
        'Default settings. A turn as the endpoint sees it: its way to the database and back included, that to the dispatcher not.',
      ],
    }],
    targets: [{
      claim: `${perSecond} jobs/s under a snapshot held for ${short(seconds)} s: less than a tenth lost`,
      reached: `${short((1 - share) * 100)} % lost`,
      held: share > 0.9,
    }, {
      claim: `a turn under a snapshot held for ${short(seconds)} s: less than 2 times as long (p50)`,
      reached: short(turns),
      held: turns < 2,
    }],
    samples: phases,
  }
}
