import pg from 'pg'
import type { Bench, Finding, Scenario, Table } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const enqueue: Scenario = {
  name: 'enqueue',
  about: 'what an INSERT costs, single and 10,000 in bulk, in every state of the queue',
  // The sweep and pg_net would change the states that are measured.
  measure: (bench) =>
    withStack({ cron: false }, async (stack) => {
      await stack.net?.pause()
      return await measure(bench, stack)
    }),
}

// How each state is brought about, before every insert. `full`: due jobs, no free worker, and nobody awake to see it.
const states = {
  'no triggers': '',
  awake: `update supaqueue.heartbeat set run = gen_random_uuid(), awake_until = now() + interval '1 hour'`,
  asleep: `
    delete from supaqueue.current_job;
    update supaqueue.worker set locked = false where locked;
    update supaqueue.heartbeat set run = null, awake_until = null`,
  paused: `
    update supaqueue.queue set paused = true where not paused;
    update supaqueue.heartbeat set run = null, awake_until = null`,
  full: `
    update supaqueue.worker set locked = true where not locked;
    update supaqueue.heartbeat set run = null, awake_until = null`,
}
type State = keyof typeof states
const names = Object.keys(states) as State[]

/** For each state, the median milliseconds of each round. */
type Samples = Record<State, number[]>
const none = (): Samples => Object.fromEntries(names.map((name) => [name, []])) as unknown as Samples

async function measure({ options, say }: Bench, stack: BenchStack): Promise<Finding> {
  const rounds = options.rounds ?? (options.quick ? 2 : 4)
  const [single, bulk] = [none(), none()]
  const queue = await makeQueue(stack.db, 'noop', 10)
  await stack.db.query(`
    create schema bench;
    create table bench.job (like supaqueue.job including all);
    alter table bench.job add foreign key (queue) references supaqueue.queue on update cascade on delete cascade`)

  const user = await connect(stack.databaseUrl)
  const admin = await connect(stack.adminUrl)
  // What brings a state about is not to set off what it would set off in life.
  await admin.query('set session_replication_role = replica')
  for (let round = 0; round < rounds; round++) {
    for (const state of names) {
      single[state].push(median(await inserts(state, 1, options.quick ? 40 : 200)))
      bulk[state].push(median(await inserts(state, 10_000, options.quick ? 1 : 2)))
    }
    say(`round ${round + 1}/${rounds}: done`)
  }
  await Promise.all([user.end(), admin.end()])
  return finding(single, bulk)

  /** Milliseconds of each of so many INSERTs of so many rows. */
  async function inserts(state: State, rows: number, times: number): Promise<number[]> {
    const table = state === 'no triggers' ? 'bench.job' : 'supaqueue.job'
    await admin.query(`
      truncate supaqueue.current_job; truncate supaqueue.job cascade; truncate bench.job;
      truncate net.http_request_queue;
      update supaqueue.queue set paused = false; update supaqueue.worker set locked = false`)
    const samples: number[] = []
    // The first few of a connection plan the functions' statements; an application's pool has that behind it.
    const unmeasured = rows === 1 ? 10 : 0
    for (let i = -unmeasured; i < times; i++) {
      await admin.query(states[state])
      const from = performance.now()
      await user.query(
        rows === 1
          ? {
            name: `one ${table}`,
            text: `insert into ${table} (queue, payload) values ($1, '{"arg1":"val"}')`,
            values: [queue],
          }
          : {
            name: `many ${table}`,
            text:
              `insert into ${table} (queue, payload) select $1, '{"arg1":"val"}' from generate_series(1, $2::integer)`,
            values: [queue, rows],
          },
      )
      if (i >= 0) samples.push(performance.now() - from)
    }
    return samples
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  return client
}

function finding(single: Samples, bulk: Samples): Finding {
  const ratio = (samples: Samples, state: State) => ratios(samples[state], samples['no triggers'])
  const table = (title: string, samples: Samples): Table => ({
    title,
    columns: ['queue', 'ms: median (spread)', 'it / no triggers'],
    rows: names.map((state) => [state, spread(samples[state]), spread(ratio(samples, state))]),
    notes: [],
  })
  const target = (claim: string, samples: Samples, state: State, most: number) => {
    const reached = median(ratio(samples, state))
    return {
      claim: `${claim}, ${state}: at most ${most} times the bare table`,
      reached: short(reached),
      held: reached <= most,
    }
  }
  return {
    tables: [
      {
        ...table('Enqueue: one INSERT of one row', single),
        notes: [
          'No triggers: the same table with its keys and indexes; one client, prepared statements, round trip included.',
          'Asleep: it claims and wakes a run. Full: due jobs, no free worker, and nobody awake.',
        ],
      },
      table('Enqueue: one INSERT of 10,000 rows', bulk),
    ],
    targets: [
      target('single insert', single, 'awake', 1.4),
      target('single insert', single, 'asleep', 4),
      target('bulk of 10,000', bulk, 'awake', 1.4),
      target('bulk of 10,000', bulk, 'asleep', 1.4),
    ],
    samples: { single, bulk },
  }
}
