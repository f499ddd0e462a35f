import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { bombs } from '../support/bombs.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Harness, harness as harnessOf } from '../support/harness.ts'
import { furnish } from '../support/extremes.ts'
import { sensible } from '../support/sensible.ts'

// Every argument of every function that anybody was granted, the add-ons among them, and every JSON column of every table, from the
// catalogue: whatever unfolds is thrown at each. It may be refused, or taken and kept small; it is never written out.

const few = `[${Array(100).fill('1e131071').join(',')}]`
const heap = `[${Array(8300).fill('1e131071').join(',')}]`
const json: [string, string][] = [
  ...bombs.filter(([what]) => /deep inside|many of them|nesting/.test(what)),
  ['bombs under many keys', `{${Array.from({ length: 2000 }, (_, n) => `"k${n}":1e131071`).join(',')}}`],
  ['bombs in what looks like jobs', `[${Array(300).fill(`{"payload":${few}}`).join(',')}]`],
  [
    'a known field with a bomb in it',
    `{"queue":"extreme","payload":${heap},"headers":{"a":${heap}},"query":${heap},"url":${heap},"schema":${heap}}`,
  ],
  // What failed jobs are found by.
  ...[
    { where: '$.a == 1e131071' },
    { where: `$.a == ${'1'.repeat(100_000)}` },
    { where: `$.a == "${'x'.repeat(1_000_000)}"` },
    { where: `$.${'x'.repeat(1_000_000)}` },
    { where: `${'('.repeat(20_000)}$.a == 1${')'.repeat(20_000)}` },
    { where: `${'!('.repeat(20_000)}$.a == 1${')'.repeat(20_000)}` },
    { where: Array(20_000).fill('$.a == 1').join(' || ') },
    { where: `$${'.a'.repeat(100_000)} == 1` },
    { where: `$ like_regex "${'('.repeat(20_000)}a${')*'.repeat(20_000)}"` },
    { where: `$ like_regex "a{255}{255}{255}"` },
    { where: 'x'.repeat(1_000_000) },
    { error: 'x'.repeat(1_000_000) },
    { fingerprint: 'x'.repeat(1_000_000) },
    { since: 'x'.repeat(1_000_000) },
    { batch: 'x'.repeat(1_000_000) },
    { ['x'.repeat(1_000_000)]: 1 },
  ].map((filter): [string, string] => [`a filter ${JSON.stringify(filter).slice(0, 60)}`, JSON.stringify(filter)]),
  ['keys that are long', `{"${'k'.repeat(1_000_000)}":1}`],
]
const texts: [string, string][] = [
  ['a long word', 'x'.repeat(1_000_000)],
  ['many quotes', `'`.repeat(1_000_000)],
  ['JSON that unfolds', heap],
  ['nesting that no parser ends', '['.repeat(1_000_000)],
]

const known: Record<string, string> = { ...sensible, par_queue: `'fetched'` }

/** How much an argument of this size may take at its worst: copies are made of it, and it is never unfolded. */
const mostBytes = (given: string) => 48 * 2 ** 20 + given.length * 40

let database: TestDatabase
let harness: Harness
let pid: number
let role: 'service_role' | 'owner' = 'service_role'

beforeAll(async () => {
  database = await testDatabase()
  await applyDatabase(database.ownerUrl, undefined, ['api', 'fetchq', 'pgqueuer'])
  await reconnect()
  const owner = await database.connect('owner')
  await furnish(owner)
  await owner.query(`insert into supaqueue.named_lock values ('key', 'a')`)
  await owner.end()
  await harness.db.query(`
    select fetchq.queue_create('fetched');
    insert into supaqueue.fetchq_snapshot (queue, metric, value) select id, 'cnt', 1 from supaqueue.queue limit 1;
    select supaqueue.enqueue('extreme', dedupe_key => 'a'), supaqueue.enqueue('extreme', held => true);
    select fetchq.doc_push('fetched', 'subject', '{}');
    select fetchq.doc_pick('fetched')`)
})
afterAll(() => database?.drop())

async function reconnect() {
  harness = harnessOf(await database.connect(role))
  pid = (await harness.db.query('select pg_backend_pid() as pid')).rows[0].pid
}

/** By how much a statement had its backend's own memory grow at its most, in bytes; undefined where the system does not tell. */
async function growthOf(work: () => Promise<unknown>): Promise<number | undefined> {
  const own = (peak: boolean) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
    // What is shared with others is not its own.
    return (kilobytes(peak ? 'VmHWM' : 'VmRSS') - kilobytes('RssShmem') - kilobytes('RssFile')) * 1024
  }
  let before: number | undefined
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    before = own(false)
  } catch {
    before = undefined
  }
  await work()
  return before === undefined ? undefined : own(true) - before
}

/** What is wrong with what became of a statement, undone again. */
async function faultOf(statement: string, given: string, value: unknown, isText: boolean): Promise<string | undefined> {
  let said: Record<string, unknown> = {}
  await harness.db.query('begin')
  const grown = await growthOf(() =>
    harness.db.query(statement, [value]).then(
      ({ rows }) => said = { rows: JSON.stringify(rows).length },
      (reason) => said = reason,
    )
  )
  await harness.db.query('rollback')
  const words = [said.message, said.detail, said.hint].join(' ').length
  if (grown !== undefined && grown > mostBytes(given)) {
    return `took ${Math.round(grown / 2 ** 20)} MB: ${String(said.message).slice(0, 80)}`
  }
  if (words > 5000 + (isText ? given.length * 2 : 0)) {
    return `was refused in ${words} letters: ${String(said.message).slice(0, 60)}`
  }
  if (Number(said.rows) > 100_000) return `was answered in ${said.rows} letters`
  if (said.code === undefined || /^SQ[45]/.test(String(said.code))) return undefined
  // PostgreSQL's own: of a type or a claim that does not hold, before anything was done with it.
  if (/^(22|23)/.test(String(said.code))) return undefined
  // The same of what is too long for an index.
  if (said.code === '54000' && /^index row requires/.test(String(said.message))) return undefined
  return `${said.code} ${String(said.message).slice(0, 100)}`
}

type Border = { call: string; schema: string; names: string[]; types: string[]; needed: number }

const borders = async (): Promise<Border[]> =>
  (await harness.db.query(`
    select proname as call, nspname as schema, names, types, cardinality(types) - pronargdefaults as needed
    from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
    cross join lateral (select
      array(select name from unnest(proargnames[1:pronargs]) as name) as names,
      array(select format_type(type, null) from unnest(proargtypes) with ordinality as entry (type, place) order by place) as types
    ) as argument
    where prokind = 'f' and prorettype <> 'trigger'::regtype
      and (nspname in ('supaqueue', 'fetchq') or nspname = 'public' and obj_description(pg_proc.oid, 'pg_proc') ~ 'supaqueue|current job')
      and exists (
        select from (values ('service_role'), ('authenticated'), ('anon')) as known (role)
        where has_function_privilege(known.role, pg_proc.oid, 'execute')
      )
    order by nspname, proname, pronargs`)).rows

const fitting = (type: string): [string, string][] | undefined =>
  /^jsonb?(\[\])?$/.test(type) ? json : /^(text|character varying|bytea)(\[\])?$/.test(type) ? texts : undefined

describe('whatever unfolds', () => {
  test('is not written out by any function that anybody may call, in no argument', async () => {
    const all = await borders()
    expect(new Set(all.map(({ schema }) => schema))).toEqual(new Set(['fetchq', 'public', 'supaqueue']))
    const faults: string[] = []
    let thrown = 0
    for (const { call, schema, names, types, needed } of all) {
      for (const [place, type] of types.entries()) {
        for (const [what, given] of fitting(type) ?? []) {
          const value = type.endsWith('[]') ? [given] : type === 'bytea' ? Buffer.from(given) : given
          const listed = types.flatMap((other, i) =>
            i === place
              ? [`${names[i]} => $1::${other}`]
              : i < needed
              ? [`${names[i]} => ${known[`${call}.${names[i]}`] ?? known[names[i] as string] ?? 'null'}`]
              : []
          )
          thrown++
          const fault = await faultOf(
            `select ${schema}.${call}(${listed.join(', ')})`,
            given,
            value,
            fitting(type) === texts,
          )
          if (fault) faults.push(`${schema}.${call}(${names[place]}) of ${what}: ${fault}`)
        }
      }
    }

    expect(thrown).toBeGreaterThan(300)
    expect(faults).toEqual([])
  })

  // What is in them came by the turn, which has looked at it, and looks of people show that it is not shown.
  const KEPT = ['supaqueue.job.result', 'supaqueue.job.state', 'supaqueue.trouble.report']

  test('is kept by no JSON column of any table, whatever else is wrong with the row', async () => {
    const { rows: columns } = await harness.db.query(`
      select attrelid::regclass::text as table, attname as column, format_type(atttypid, null) as type
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        and atttypid in ('jsonb'::regtype, 'json'::regtype, 'jsonb[]'::regtype)
        and has_column_privilege(current_user, attrelid, attnum, 'update')
      order by 1, 2`)
    const kept: string[] = []
    for (const { table, column, type } of columns) {
      for (
        const bomb of ['1e131071', '{"a": [1e131071]}', '[{"a": 0e-16383}]', `${'['.repeat(502)}${']'.repeat(502)}`]
      ) {
        await harness.db.query('begin')
        const said = await harness.db.query(`update ${table} set ${column} = $1::${type}`, [bomb]).then(
          () => 'kept',
          ({ code }) => code,
        )
        await harness.db.query('rollback')
        if (said !== 'SQ422') kept.push(`${table}.${column}`)
      }
    }

    expect(columns.length).toBeGreaterThan(12)
    expect([...new Set(kept)]).toEqual(KEPT)
  })

  test.for(['service_role', 'owner'] as const)('is not written out by any table, in no column, as %s', async (who) => {
    role = who
    await reconnect()
    const { rows: columns } = await harness.db.query(
      `
      select attrelid::regclass::text as table, attname as column, format_type(atttypid, null) as type
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        and atttypid in ('jsonb'::regtype, 'json'::regtype, 'text'::regtype, 'varchar'::regtype, 'text[]'::regtype)
        and has_column_privilege($1, attrelid, attnum, 'update')
      order by 1, 2`,
      [(await harness.db.query('select current_user as name')).rows[0].name],
    )
    expect(columns.length).toBeGreaterThan(8)
    const filled = new Set<string>()
    for (const table of new Set(columns.map(({ table }) => table))) {
      if ((await harness.db.query(`select from ${table} limit 1`)).rowCount) filled.add(table)
    }
    expect(columns.map(({ table }) => table).filter((table) => !filled.has(table)), 'without a row nothing is tried')
      .toEqual([])
    const faults: string[] = []
    for (const { table, column, type } of columns) {
      for (const [what, given] of fitting(type) === json ? json : texts.slice(0, 1)) {
        const value = type.endsWith('[]') ? [given] : given
        const fault = await faultOf(`update ${table} set ${column} = $1::${type}`, given, value, false)
        if (fault) faults.push(`${table}.${column} of ${what}: ${fault}`)
      }
    }

    expect(faults).toEqual([])
  })
})
