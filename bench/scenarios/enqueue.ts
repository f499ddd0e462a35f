import pg from 'pg'
import type { Bench, Finding, Scenario, Table } from '../scenario.ts'
import { type BenchStack, makeQueue, withStack } from '../stack.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const enqueue: Scenario = {
  name: 'enqueue',
  about:
    'what an INSERT costs, single and 10,000 in bulk, in every state of the queue; 10,000 by enqueue_many whose keys are taken',
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

// What a call of enqueue_many with 10,000 keys does when all of them are taken.
const ways = {
  'new keys': '',
  skip: `on_conflict => 'skip'`,
  replace: `on_conflict => 'replace'`,
  debounce: `debounce => '1 hour'`,
}
type Way = keyof typeof ways

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

  const many = Object.fromEntries(Object.keys(ways).map((way) => [way, []])) as unknown as Record<Way, number[]>

  const user = await connect(stack.databaseUrl)
  const admin = await connect(stack.adminUrl)
  // What brings a state about is not to set off what it would set off in life.
  await admin.query('set session_replication_role = replica')
  for (let round = 0; round < rounds; round++) {
    for (const state of names) {
      single[state].push(median(await inserts(state, 1, options.quick ? 40 : 200)))
      bulk[state].push(median(await inserts(state, 10_000, options.quick ? 1 : 2)))
    }
    await admin.query(
      `truncate supaqueue.job cascade; update supaqueue.queue set paused = true, dedupe_until = 'begun'`,
    )
    for (const way of Object.keys(ways) as Way[]) many[way].push(await enqueueMany(way))
    await admin.query(`update supaqueue.queue set paused = false, dedupe_until = 'finished'`)
    say(`round ${round + 1}/${rounds}: done`)
  }
  await Promise.all([user.end(), admin.end()])
  return finding(single, bulk, many)

  /** Milliseconds of one call of enqueue_many with 10,000 jobs, the same keys each time. */
  async function enqueueMany(way: Way): Promise<number> {
    const jobs =
      `(select jsonb_agg(jsonb_build_object('payload', '{"arg1":"val"}'::jsonb, 'dedupe_key', 'key ' || n)) from generate_series(1, 10000) as n)`
    const more = [ways[way]].filter((text) => text !== '').map((text) => `, ${text}`).join('')
    const from = performance.now()
    await user.query(`select cardinality(supaqueue.enqueue_many('${queue}', ${jobs}${more}))`)
    return performance.now() - from
  }

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

function finding(single: Samples, bulk: Samples, many: Record<Way, number[]>): Finding {
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
      {
        title: 'Enqueue: one enqueue_many of 10,000 jobs with keys',
        columns: ['the keys', 'ms: median (spread)'],
        rows: Object.entries(many).map((
          [way, samples],
        ) => [way === 'new keys' ? way : `all taken, ${way}`, spread(samples)]),
        notes: [],
      },
    ],
    targets: [
      target('single insert', single, 'awake', 1.4),
      target('single insert', single, 'asleep', 4),
      target('bulk of 10,000', bulk, 'awake', 1.4),
      target('bulk of 10,000', bulk, 'asleep', 1.4),
    ],
    samples: { single, bulk, many },
  }
}
