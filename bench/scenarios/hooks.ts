import pg from 'pg'
import { durable, withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const hooks: Scenario = {
  name: 'hooks',
  about: 'what a write costs when its table has a hook, against the bare table and against a trigger written by hand',
  measure: (bench) => withCopies(async (makeCopy) => await measure(bench, (await makeCopy()).ownerUrl), durable),
}

const many = 3000

// The same table thrice. The trigger by hand does the least that can be done: no filter, no header, no limit.
const tables = ['bare', 'by_hand', 'hooked'] as const
type Name = (typeof tables)[number]

const setUp = `
  create schema bench;
  create table bench.bare (
    id bigint primary key, path text not null, kind text not null, title text, size integer, updated_at timestamptz not null default now());
  create table bench.by_hand (like bench.bare including all);
  create table bench.hooked (like bench.bare including all);
  insert into supaqueue.queue (name, edge_function_name, mode) values ('captured', 'noop', 'pull');
  insert into supaqueue.worker (queue) select id from supaqueue.queue where name = 'captured';

  create function bench.capture() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      insert into supaqueue.job (queue, payload)
      select queue.id, jsonb_build_object(
        'type', 'INSERT', 'table', 'by_hand', 'schema', 'bench', 'record', to_jsonb(n), 'old_record', null)
      from new_rows as n, supaqueue.queue where queue.name = 'captured';
    else
      insert into supaqueue.job (queue, payload)
      select queue.id, jsonb_build_object(
        'type', 'UPDATE', 'table', 'by_hand', 'schema', 'bench', 'record', to_jsonb(n), 'old_record', to_jsonb(o))
      from new_rows as n join old_rows as o using (id), supaqueue.queue
      where queue.name = 'captured' and n.path is distinct from o.path;
    end if;
    return null;
  end $$;
  create trigger inserted after insert on bench.by_hand referencing new table as new_rows
    for each statement execute function bench.capture();
  create trigger updated after update on bench.by_hand referencing new table as new_rows old table as old_rows
    for each statement execute function bench.capture();
  select supaqueue.on_change('bench.hooked', 'captured', columns => '{path}');`

const row = `i, 'photos/' || i || '.jpg', 'image', 'A title of the picture', 1000`
const columns = '(id, path, kind, title, size)'

/** Each write, as it is measured on each table; `rows` stand in the table before. */
const writes = [
  {
    name: `insert of ${short(many)} rows`,
    sql: (table: Name) => `insert into bench.${table} ${columns} select ${row} from generate_series(1, ${many}) as i`,
    filled: false,
    single: false,
    most: 10,
  },
  {
    name: `update of ${short(many)} rows, a column that is watched`,
    sql: (table: Name) => `update bench.${table} set path = path || '.png'`,
    filled: true,
    single: false,
    most: 4.6,
  },
  {
    name: `update of ${short(many)} rows, another column`,
    sql: (table: Name) => `update bench.${table} set size = size + 1`,
    filled: true,
    single: false,
    most: 1.2,
  },
  {
    name: 'insert of one row',
    sql: (table: Name, i: number) =>
      `insert into bench.${table} ${columns} select ${row} from (select ${many + 1 + i} as i) as one`,
    filled: true,
    single: true,
    most: 2.2,
  },
  {
    name: 'update of one row, a column that is watched',
    sql: (table: Name, i: number) => `update bench.${table} set path = path || 'x' where id = ${1 + i}`,
    filled: true,
    single: true,
    most: 2.1,
  },
  {
    name: 'update of one row, another column',
    sql: (table: Name, i: number) => `update bench.${table} set size = size + 1 where id = ${1 + i}`,
    filled: true,
    single: true,
    most: 1.15,
  },
]

type Samples = Record<Name, number[]>

async function measure({ options, say }: Bench, url: string): Promise<Finding> {
  const rounds = options.rounds ?? (options.quick ? 3 : 12)
  const db = new pg.Client({ connectionString: url })
  db.on('error', () => {})
  await db.connect()
  await db.query(setUp)

  const measured = writes.map((write) => ({ ...write, samples: { bare: [], by_hand: [], hooked: [] } as Samples }))
  // The first round has each connection plan its statements, which is not measured.
  for (let round = -1; round < rounds; round++) {
    for (const write of measured) {
      for (const table of tables) {
        const took = await once(write, table, write.single ? (options.quick ? 60 : 200) : 1)
        if (round >= 0) write.samples[table].push(took)
      }
    }
    say(`round ${round + 1}: done`)
  }
  await db.end()
  return finding(measured)

  /** Milliseconds that a write takes, the median of so many. */
  async function once(write: (typeof writes)[number], table: Name, times: number): Promise<number> {
    await db.query(`truncate bench.${table}; truncate supaqueue.job cascade`)
    if (write.filled) {
      await db.query(`set supaqueue.silent_hooks = '*'; alter table bench.by_hand disable trigger user`)
      await db.query(`insert into bench.${table} ${columns} select ${row} from generate_series(1, ${many}) as i`)
      await db.query(`reset supaqueue.silent_hooks; alter table bench.by_hand enable trigger user`)
    }
    await db.query(`vacuum bench.${table}`)
    const samples: number[] = []
    for (let i = 0; i < times; i++) {
      const sql = write.sql(table, i)
      const from = performance.now()
      await db.query(sql)
      samples.push(performance.now() - from)
    }
    return median(samples)
  }
}

function finding(measured: ((typeof writes)[number] & { samples: Samples })[]): Finding {
  return {
    tables: [{
      title: 'Hooks: a write to a table that has one',
      columns: ['write', 'bare ms: median (spread)', 'by hand / bare', 'hook / bare', 'hook / by hand'],
      rows: measured.map(({ name, samples }) => [
        name,
        spread(samples.bare),
        spread(ratios(samples.by_hand, samples.bare)),
        spread(ratios(samples.hooked, samples.bare)),
        spread(ratios(samples.hooked, samples.by_hand)),
      ]),
      notes: [
        'A table with a key and six columns; each write a transaction of its own, round trip included; the hook watches one column.',
        'The server waits for the disk at each commit, as a project does.',
        'By hand: a statement trigger that makes jobs of the rows, with no filter but the column, no header and no limit.',
      ],
    }],
    targets: measured.flatMap(({ name, samples, most, single }) => {
      const reached = median(ratios(samples.hooked, samples.bare))
      const besides = median(ratios(samples.hooked, samples.by_hand))
      return [
        { claim: `${name}: at most ${most} times the bare table`, reached: short(reached), held: reached <= most },
        ...single ? [] : [{
          claim: `${name}: no more than the trigger by hand`,
          reached: short(besides),
          held: besides <= 1,
        }],
      ]
    }),
    samples: measured.map(({ name, samples }) => ({ name, samples })),
  }
}
