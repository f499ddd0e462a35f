import { type Copy, withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario, Target } from '../scenario.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const scale: Scenario = {
  name: 'scale',
  about: 'what a turn costs with many jobs waiting, planned or finished, and with many queues',
  measure: (bench) => withCopies((makeCopy) => measure(bench, makeCopy)),
}

const workers = 10

type Measured = { name: string; copy: Copy; turnMs: number[]; sweepMs: number[] }

async function measure({ options, say }: Bench, makeCopy: (fill?: string) => Promise<Copy>): Promise<Finding> {
  const many = options.quick ? 50_000 : options.fullScale ? 10_000_000 : 1_000_000
  const measured: Measured[] = []
  for (const [name, fill] of Object.entries(fillings(many))) {
    measured.push({ name, copy: await makeCopy(fill), turnMs: [], sweepMs: [] })
    say(`filled: ${name}`)
  }
  for (let round = 0; round < (options.rounds ?? (options.quick ? 2 : 4)); round++) {
    for (const { copy, turnMs, sweepMs } of measured) {
      turnMs.push(median(await copy.turns(options.quick ? 20 : 60)))
      sweepMs.push(await copy.sweep())
    }
    say(`round ${round + 1}: done`)
  }
  return finding(measured)
}

// Each fills in the name of the queue $1, which has a thousand jobs waiting besides.
const fillings = (many: number): Record<string, string> => ({
  '1,000 waiting': '',
  [`${short(many)} waiting`]: `
    insert into supaqueue.job (queue) select $1 from generate_series(1, ${many})`,
  [`${short(many)} planned, of a higher priority`]: `
    insert into supaqueue.job (queue, priority, run_at)
    select $1, 1, now() + interval '1 day' + i * interval '1 millisecond' from generate_series(1, ${many}) as i`,
  [`${short(many)} finished`]: `
    insert into supaqueue.job (queue, status, attempts, finished_at)
    select $1, 'success', 1, now() from generate_series(1, ${many})`,
  [`1,000 queues, ${short(many / 1000)} waiting in each`]: `
    with further as (
      insert into supaqueue.queue (name, edge_function_name)
      select 'further ' || i, 'noop' from generate_series(1, 999) as i
      returning id
    ),
    heartbeats as (insert into supaqueue.heartbeat (queue) select id from further),
    workers as (insert into supaqueue.worker (queue) select id from further, generate_series(1, ${workers}))
    insert into supaqueue.job (queue) select id from further, generate_series(1, ${many / 1000})
    where $1::uuid is not null`,
})

function finding(measured: Measured[]): Finding {
  const base = measured[0] as Measured
  const target = ({ name, turnMs }: Measured): Target => {
    const reached = median(ratios(turnMs, base.turnMs))
    return {
      claim: `a turn with ${name}: within 1.3 times that with 1,000`,
      reached: short(reached),
      held: reached <= 1.3,
    }
  }
  return {
    tables: [{
      title: `Scale: a turn that brings ${workers} reports and takes ${workers} jobs`,
      columns: ['in the queue', 'turn ms: median (spread)', 'it / 1,000 waiting', 'sweep ms: median (spread)'],
      rows: measured.map(({ name, turnMs, sweepMs }) => [
        name,
        spread(turnMs),
        spread(ratios(turnMs, base.turnMs)),
        spread(sweepMs),
      ]),
      notes: [
        'In SQL, as service_role, one connection; each filling in a database of its own, taken in turns; vacuumed once after filling.',
        'With 1,000 queues the first sweep finds all of them without a run and wakes each: that is the maximum.',
      ],
    }],
    targets: measured.slice(1).map(target),
    samples: measured.map(({ name, turnMs, sweepMs }) => ({ name, turnMs, sweepMs })),
  }
}
