import fc from 'fast-check'
import { expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { type Harness, harness } from '../../../support/harness.ts'

// Tables with many rows, which random statements change in bulk: one after the other, and two writers at once. The database
// itself compares what jobs there are with the tables before and after.

const TABLES = { thing: ['id'], pair: ['k', 'id'], part: ['id', 'k'], child: ['id'], kin: ['parent', 'id'] } as const
type Table = keyof typeof TABLES
const names = Object.keys(TABLES) as Table[]

const columns = '(id, k, v, note, parent)'

/** Statements over ids from 1 to some way beyond `rows`. Nobody knows before what they change. */
function statements(rows: number): fc.Arbitrary<string> {
  const id = fc.integer({ min: 1, max: rows + Math.ceil(rows / 10) })
  // From a few rows to all of them.
  const range = fc.tuple(id, fc.oneof(fc.nat(20), fc.nat(Math.ceil(rows / 10)), fc.constant(2 * rows)))
    .map(([from, many]) => [from, from + many] as const)
  const table = fc.constantFrom(...names)
  const v = fc.nat(3)
  const made = ([from, to]: readonly [number, number], v: number) =>
    `select i, i % 3, ${v}, 'row ' || i, 1 + i % 50 from generate_series(${from}, least(${to}, ${from + rows})) as i`
  const one = fc.oneof(
    fc.tuple(table, range, v).map(([table, range, v]) =>
      `insert into app.${table} ${columns} ${made(range, v)} on conflict do nothing`
    ),
    fc.tuple(table, range, v).map(([table, range, v]) =>
      `insert into app.${table} ${columns} ${made(range, v)} on conflict (${
        TABLES[table].join()
      }) do update set v = excluded.v`
    ),
    fc.tuple(table, range, v).map(([table, [from, to], v]) =>
      `update app.${table} set v = ${v} where id between ${from} and ${to}`
    ),
    // The key of one table is deferrable, so that keys may follow each other.
    fc.tuple(range, fc.constantFrom(-1, 1, 7)).map(([[from], by]) =>
      `update app.thing set id = id + ${by} where id >= ${from}`
    ),
    fc.tuple(table, range, fc.constantFrom(1, 2)).map(([table, [from, to], by]) =>
      `update app.${table} set k = (k + ${by}) % 3 where id between ${from} and ${to}`
    ),
    fc.tuple(table, range).map(([table, [from, to]]) =>
      `delete from app.${table} where id between ${from} and least(${to}, ${from + rows / 10})`
    ),
    fc.tuple(fc.constantFrom('thing', 'pair', 'child'), range, v).map(([table, range, v]) => `
      merge into app.${table} as t using (${made(range, v)}) as s ${columns} on t.id = s.id and t.k = s.k
      when matched and t.v = 1 then delete
      when matched then update set v = s.v
      when not matched and s.id > ${rows} then insert ${columns} values (s.id, s.k, s.v, s.note, s.parent)`),
    fc.tuple(table, range, v).map(([table, [from, to], v]) => `
      with one as (update app.${table} set v = ${v} where id < ${from} returning id)
      update app.${table} set v = v + 1 where id between ${from} and ${to} and (select count(*) from one) >= 0`),
    fc.tuple(fc.constantFrom('0', '1', '2', '2a'), range).map(([leaf, [from, to]]) =>
      `update app.part_${leaf} set v = v + 1 where id between ${from} and ${to}`
    ),
    fc.tuple(fc.constantFrom('0', '1', '2', '2a'), range, v).map(([leaf, [from, to], v]) =>
      `insert into app.part_${leaf} (id, k, v) select i, ${leaf[0]}, ${v} from generate_series(${from}, least(${to}, ${
        from + rows
      })) as i on conflict do nothing`
    ),
    // Children follow.
    fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(3)).map(([from, many]) =>
      `update app.parent set id = id + 1000 where id between ${from} and ${from + many}`
    ),
    fc.integer({ min: 1, max: 50 }).map((id) => `delete from app.parent where id = ${id}`),
  )
  // Each by itself, in a transaction that goes on after a part of it was undone, or in one that was in vain.
  return fc.oneof(
    { weight: 4, arbitrary: one },
    fc.tuple(one, one).map(([undone, kept]) => `begin; savepoint s; ${undone}; rollback to s; ${kept}; commit`),
    one.map((sql) => `begin; ${sql}; rollback`),
  )
}

async function tables(owner: Harness, rows: number): Promise<void> {
  const columns = (key = '') => `(id integer, k integer, v integer, note text, parent integer${key})`
  await owner.db.query(`
    create schema app;
    create table app.parent (id integer primary key);
    insert into app.parent select generate_series(0, 60);
    create table app.thing ${columns(', primary key (id) deferrable')};
    create table app.pair ${columns(', primary key (k, id)')};
    create table app.part ${columns(', primary key (id, k)')} partition by list (k);
    create table app.part_0 partition of app.part for values in (0);
    -- The same columns in another order, and one that was dropped.
    create table app.part_1 (note text, k integer not null, gone text, id integer not null, parent integer, v integer);
    alter table app.part_1 drop column gone;
    alter table app.part attach partition app.part_1 for values in (1);
    create table app.part_2 partition of app.part for values in (2) partition by range (id);
    create table app.part_2a partition of app.part_2 default;
    create table app.child (
      gone text, id integer primary key, k integer, v integer, note text,
      parent integer references app.parent on delete cascade on update cascade);
    alter table app.child drop column gone;
    create index on app.child (parent);
    -- A change of a parent may come to a row twice, and the first time its key follows.
    create table app.kin (
      id integer, k integer references app.parent on update cascade on delete cascade, v integer, note text,
      parent integer references app.parent on update cascade on delete cascade, primary key (parent, id));
    create index on app.kin (k);
    create unlogged table app.known (name text, key jsonb, row jsonb);
    create unlogged table app.now (like app.known);
    create unlogged table app.made (id bigint, name text, type text, record jsonb, old_record jsonb, key jsonb)`)
  for (const name of names) {
    await owner.db.query(`
      insert into app.${name} (id, k, v, note, parent)
      select i, i % 3, 0, 'row ' || i, 1 + i % 50 from generate_series(1, ${rows}) as i`)
  }
  await owner.queue({ name: 'changes' })
  for (const name of names) await owner.db.query(`select supaqueue.on_change($1, 'changes')`, [`app.${name}`])
}

/** SQL for what the tables hold. */
const held = names.map((name) =>
  `select '${name}' as name, jsonb_build_array(${
    TABLES[name].map((key) => `t.${key}`).join()
  }) as key, to_jsonb(t) as row from app.${name} as t`
).join(' union all ')

/** SQL for the jobs, each with the key of its row. */
const changes = `
  select
    job.id, payload ->> 'table' as name, payload ->> 'type' as type, nullif(payload -> 'record', 'null') as record,
    nullif(payload -> 'old_record', 'null') as old_record,
    case payload ->> 'table' ${
  names.map((name) =>
    `when '${name}' then jsonb_build_array(${TABLES[name].map((key) => `changed.row -> '${key}'`).join()})`
  ).join(' ')
} end as key
  from supaqueue.job
  cross join lateral (select coalesce(nullif(payload -> 'record', 'null'), payload -> 'old_record') as row) as changed`

/** What jobs there are too many or too few, a few of them, after the changes of one writer. */
const UNLIKE = `
  with demanded as (
    select
      coalesce(now.name, known.name) as name, known.row as old_record, now.row as record,
      case when known.row is null then 'INSERT' when now.row is null then 'DELETE' else 'UPDATE' end as type
    from app.known full join app.now on now.name = known.name and now.key = known.key
    where now.row is distinct from known.row
  )
  select name, type, old_record, record, sum(many)::integer as many
  from (
    select name, type, old_record, record, 1 as many from app.made
    union all select name, type, old_record, record, -1 from demanded
  ) as either
  group by 1, 2, 3, 4 having sum(many) <> 0 order by 1 limit 5`

/** Where the jobs of a row, in their order, do not lead from what it was to what it is. */
const BROKEN = `
  with chain as (
    select *, lag(record) over line as before, row_number() over line as place, row_number() over (partition by name, key order by id desc) as place_from_end
    from app.made window line as (partition by name, key order by id)
  )
  select chain.name, chain.key, chain.type, chain.old_record, chain.record, chain.before
  from chain
  left join app.known on known.name = chain.name and known.key = chain.key
  left join app.now on now.name = chain.name and now.key = chain.key
  where chain.old_record is distinct from case when chain.place = 1 then known.row else chain.before end
    or chain.place_from_end = 1 and chain.record is distinct from now.row
    or chain.record is not distinct from chain.old_record
    or chain.type <> case when chain.old_record is null then 'INSERT' when chain.record is null then 'DELETE' else 'UPDATE' end
  union all
  select coalesce(now.name, known.name), coalesce(now.key, known.key), 'none', known.row, now.row, null
  from app.known full join app.now on now.name = known.name and now.key = known.key
  where now.row is distinct from known.row
    and not exists (select from app.made where made.name = coalesce(now.name, known.name) and made.key = coalesce(now.key, known.key))
  -- Sorted, so that no plan is made for the first few that are hoped for.
  order by 1, 2 limit 5`

/** Keys that meet, parents that are not there, a key that no upsert may go by, rows out of their partitions, writers that meet. */
const REFUSED = /^(23505|23503|55000|23514|21000|40P01|22003)$/

async function tried(owner: Harness, sql: string): Promise<void> {
  try {
    await owner.db.query(sql)
  } catch (reason) {
    await owner.db.query('rollback')
    if (!REFUSED.test((reason as { code: string }).code)) throw reason
  }
}

/** Has tables with so many rows changed, from so many seeds, and compares. */
export async function compareChanges(database: TestDatabase, rows: number, numRuns: number): Promise<void> {
  const owner = harness(await database.connect('owner'))
  const writers = [owner, harness(await database.connect('owner'))]
  for (const { db } of writers) {
    await db.query(`set statement_timeout = 0; set deadlock_timeout = '50ms'`).catch(() => {})
  }
  await tables(owner, rows)
  const note = () =>
    owner.db.query(
      `truncate supaqueue.job cascade; truncate app.known; insert into app.known ${held}; analyze app.known`,
    )
  /** What is there now, and which jobs, where both can be compared. */
  const look = async () => {
    await owner.db.query(`
      truncate app.now; insert into app.now ${held}; analyze app.now;
      truncate app.made; insert into app.made (id, name, type, record, old_record, key) ${changes}; analyze app.made`)
  }
  const few = fc.array(statements(rows), { minLength: 1, maxLength: 4 })

  await fc.assert(
    fc.asyncProperty(few, few, few, async (alone, first, second) => {
      for (const sql of alone) {
        await note()
        await tried(owner, sql)
        await look()
        expect({ sql, unlike: (await owner.db.query(UNLIKE)).rows }).toEqual({ sql, unlike: [] })
      }
      await note()
      await Promise.all([first, second].map(async (listed, i) => {
        for (const sql of listed) await tried(writers[i]!, sql)
      }))
      await look()
      expect((await owner.db.query(BROKEN)).rows).toEqual([])
      expect((await owner.db.query('select code, reason from supaqueue.hook_fault')).rows).toEqual([])
    }),
    { numRuns, endOnFailure: true },
  )
}
