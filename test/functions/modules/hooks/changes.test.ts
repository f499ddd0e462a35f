import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { type Harness, harness, test } from '../../../support/harness.ts'

// What changes become jobs is what a look at the tables before and after each statement says.

type Row = Record<string, unknown>
type Change = { table: string; type: string; record: Row | null; old_record: Row | null }

const TABLES = { thing: ['id'], pair: ['k', 'id'], part: ['id', 'k'], child: ['id'] } as const
type Table = keyof typeof TABLES

const number = fc.nat(30)
const numbers = fc.uniqueArray(number, { minLength: 1, maxLength: 8 })
const list = (ids: number[]) => `unnest('{${ids.join()}}'::integer[])`
const rows = (ids: number[], v: number) => `select i, i % 3, ${v}, 'row ' || i, i, i + 1 from ${list(ids)} as given (i)`
const columns = '(id, k, v, note, parent, other)'

/** Statements of which nobody knows before what they change. Numbers are small, so that they meet. */
const statements = (table: Table): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(numbers, fc.nat(3)).map(([ids, v]) =>
      `insert into app.${table} ${columns} ${rows(ids, v)} on conflict do nothing`
    ),
    fc.tuple(numbers, fc.nat(3)).map(([ids, v]) =>
      `insert into app.${table} ${columns} ${rows(ids, v)} on conflict (${
        TABLES[table].join()
      }) do update set v = excluded.v`
    ),
    fc.tuple(number, number, fc.nat(3)).map(([from, to, v]) =>
      `update app.${table} set v = ${v} where id between ${from} and ${to}`
    ),
    // The key of one table is deferrable, so that keys may follow each other.
    fc.tuple(number, fc.constantFrom(-1, 1, 7)).map(([from, by]) =>
      `update app.${table} set id = id + ${by} where id >= ${from}`
    ),
    fc.tuple(number, fc.constantFrom(1, 2)).map(([from, by]) =>
      `update app.${table} set k = (k + ${by}) % 3 where id >= ${from}`
    ),
    fc.tuple(number, number).map(([from, to]) => `delete from app.${table} where id between ${from} and ${to}`),
    // Not into partitions: there PostgreSQL itself hands wrong rows to triggers when one MERGE inserts and updates.
    fc.tuple(numbers, fc.nat(3)).map(([ids, v]) => `
      merge into app.${table === 'part' ? 'pair' : table} as t using (${
      rows(ids, v)
    }) as s ${columns} on t.id = s.id and t.k = s.k
      when matched and t.v = 1 then delete
      when matched then update set v = s.v
      when not matched then insert ${columns} values (s.id, s.k, s.v, s.note, s.parent, s.other)`),
    fc.tuple(number, fc.nat(3)).map(([from, v]) => `
      with one as (update app.${table} set v = ${v} where id < ${from} returning id)
      update app.${table} set v = v + 1 where id > ${from} and (select count(*) from one) >= 0`),
    fc.tuple(number, fc.nat(3)).map(([from, v]) => `
      begin; savepoint s; update app.${table} set v = v + 1; rollback to s;
      update app.${table} set v = ${v} where id > ${from}; commit`),
    number.map((from) => `begin; delete from app.${table} where id > ${from}; rollback`),
    fc.tuple(fc.constantFrom('0', '1', '2', '2a'), numbers, fc.nat(3)).map(([leaf, ids, v]) =>
      `insert into app.part_${leaf} (id, k, v) select i, ${leaf[0]}, ${v} from ${
        list(ids)
      } as given (i) on conflict do nothing`
    ),
    fc.tuple(fc.constantFrom('0', '1', '2', '2a'), number, number).map(([leaf, from, to]) =>
      `update app.part_${leaf} set v = v + 1, id = id + 1 where id between ${from} and ${to}`
    ),
    // Children follow, some of them twice.
    fc.tuple(number, number).map(([from, to]) =>
      `update app.parent set id = id + 1000 where id between ${from} and ${to}`
    ),
    fc.tuple(number, number).map(([from, to]) => `delete from app.parent where id between ${from} and ${to}`),
  )

const keyOf = (table: Table, row: Row) => TABLES[table].map((name) => row[name]).join()

async function look(db: Harness): Promise<Record<Table, Map<string, Row>>> {
  const seen: Partial<Record<Table, Map<string, Row>>> = {}
  for (const table of Object.keys(TABLES) as Table[]) {
    const { rows } = await db.db.query(`select to_jsonb(t) as row from app.${table} as t`)
    seen[table] = new Map(rows.map(({ row }) => [keyOf(table, row), row]))
  }
  return seen as Record<Table, Map<string, Row>>
}

function compare(before: Record<Table, Map<string, Row>>, after: Record<Table, Map<string, Row>>): Change[] {
  const changes: Change[] = []
  for (const table of Object.keys(TABLES) as Table[]) {
    for (const key of new Set([...before[table].keys(), ...after[table].keys()])) {
      const old_record = before[table].get(key) ?? null
      const record = after[table].get(key) ?? null
      if (JSON.stringify(sorted(old_record)) === JSON.stringify(sorted(record))) continue
      changes.push({ table, type: !old_record ? 'INSERT' : !record ? 'DELETE' : 'UPDATE', record, old_record })
    }
  }
  return changes
}

const sorted = (row: Row | null) => row && Object.fromEntries(Object.entries(row).sort())
const inOrder = (changes: Change[]) =>
  changes.map(({ table, type, record, old_record }) =>
    JSON.stringify([table, type, sorted(record), sorted(old_record)])
  ).sort()

/** The changes that jobs were made of since the last time. */
async function taken(db: Harness): Promise<Change[]> {
  const { rows } = await db.db.query(
    `with gone as (delete from supaqueue.job returning id, payload) select payload from gone order by id`,
  )
  return rows.map(({ payload: { schema, ...change } }) => {
    expect(schema).toBe('app')
    return change
  })
}

async function tables(owner: Harness): Promise<void> {
  const columns = (key = '') => `(id integer, k integer, v integer, note text, parent integer, other integer${key})`
  await owner.db.query(`
    create schema app;
    create table app.parent (id integer primary key);
    create table app.thing ${columns(', primary key (id) deferrable')};
    create table app.pair ${columns(', primary key (k, id)')};
    create table app.part ${columns(', primary key (id, k)')} partition by list (k);
    create table app.part_0 partition of app.part for values in (0);
    -- The same columns in another order, and one that was dropped.
    create table app.part_1 (note text, k integer not null, gone text, id integer not null, other integer, parent integer, v integer);
    alter table app.part_1 drop column gone;
    alter table app.part attach partition app.part_1 for values in (1);
    create table app.part_2 partition of app.part for values in (2) partition by range (id);
    create table app.part_2a partition of app.part_2 default;
    create table app.child (
      gone text, id integer primary key, k integer, v integer, note text,
      parent integer references app.parent on delete cascade on update cascade,
      other integer references app.parent on delete set null on update cascade
    );
    alter table app.child drop column gone;`)
  await owner.queue({ name: 'changes' })
  for (const table of Object.keys(TABLES)) {
    await owner.db.query(`select supaqueue.on_change($1, 'changes')`, [`app.${table}`])
  }
}

describe('the jobs of a statement are what the tables before and after it say', () => {
  test('whatever the statement', { timeout: 600_000 }, async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    await tables(owner)
    const anyTable = fc.constantFrom(...(Object.keys(TABLES) as Table[]))

    await fc.assert(
      fc.asyncProperty(fc.array(anyTable.chain(statements), { minLength: 1, maxLength: 15 }), async (written) => {
        await owner.db.query(`
          delete from app.thing; delete from app.pair; delete from app.part; delete from app.parent;
          insert into app.parent select generate_series(0, 40)`)
        await taken(owner)
        for (const sql of written) {
          const before = await look(owner)
          const refused = await owner.db.query(sql).then(() => undefined, (reason) => reason)
          if (refused) {
            await owner.db.query('rollback')
            // Keys that meet, parents that are not there, a key that no upsert may go by, a row out of its partition.
            if (!/^(23505|23503|55000|23514|21000)$/.test(refused.code)) throw refused
          }
          const expected = compare(before, await look(owner))
          expect({ sql, changes: inOrder(await taken(owner)) }).toEqual({ sql, changes: inOrder(expected) })
        }
        expect((await owner.db.query('select code, reason from supaqueue.hook_fault')).rows).toEqual([])
      }),
      { numRuns: Number(process.env.HOOK_RUNS ?? 30) },
    )
  })
})
