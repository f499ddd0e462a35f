import { withWork } from '../contenders/supaqueue_work.ts'
import { functionMb, residentMb } from '../memory.ts'
import { insertSteadily } from '../pace.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { short } from '../stats.ts'

const perSecond = 200
const looks = 4

export const steady: Scenario = {
  name: 'steady',
  about: 'table and index size, dead rows and memory of each home over minutes of steady work',
  measure: (bench) => withStack({}, (stack) => measure(bench, stack)),
}

/** `mb` is what the home of the runs takes. */
type Look = { minutes: number; tables: Size[]; endpointMb: number; mb: number }
type Size = { name: string; live: number; dead: number; tableKb: number; indexKb: number }

async function measure(bench: Bench, stack: BenchStack): Promise<Finding> {
  const homes = {
    'the edge function': await watch(bench, stack, () => functionMb('supaqueue')),
    'supaqueue work': await withWork(stack, (pid) => watch(bench, stack, () => residentMb(pid))),
  }
  return {
    tables: Object.entries(homes).map(([home, found]) => ({
      title: `Steady state by ${home}: ${perSecond} jobs/s for ${
        short(bench.options.steadyMinutes)
      } minutes, results kept, default settings`,
      columns: [
        'minutes',
        ...(found[0]?.tables ?? []).map(({ name }) => `${name}: rows, dead, table, indexes`),
        'endpoint',
        home,
      ],
      rows: found.map(({ minutes, tables, endpointMb, mb }) => [
        short(minutes),
        ...tables.map((t) => `${short(t.live)}, ${short(t.dead)}, ${short(t.tableKb)} kB, ${short(t.indexKb)} kB`),
        `${short(endpointMb)} MB`,
        `${short(mb)} MB`,
      ]),
      notes: ['Dead rows as the statistics have them; memory is what is resident.'],
    })),
    targets: [],
    samples: homes,
  }
}

async function watch({ options: { steadyMinutes }, say }: Bench, stack: BenchStack, mb: () => number): Promise<Look[]> {
  const queue = await makeQueue(stack.db, 'noop', 10)
  const found: Look[] = []
  for (let i = 1; i <= looks; i++) {
    await insertSteadily(stack, queue, perSecond, steadyMinutes * 60 / looks)
    found.push(await look(stack, steadyMinutes * i / looks, mb()))
    say(`${short(steadyMinutes * i / looks)} of ${short(steadyMinutes)} minutes`)
  }
  return found
}

async function look({ db }: BenchStack, minutes: number, mb: number): Promise<Look> {
  const { rows: tables } = await db.query<Size>(`
    select
      relname as name,
      n_live_tup::integer as live,
      n_dead_tup::integer as dead,
      (pg_table_size(relid) / 1024)::integer as "tableKb",
      (pg_indexes_size(relid) / 1024)::integer as "indexKb"
    from pg_stat_user_tables
    where schemaname = 'supaqueue' and relname in ('job', 'current_job', 'worker', 'heartbeat')
    order by relid`)
  return { minutes, tables, endpointMb: residentMb(process.pid), mb }
}
