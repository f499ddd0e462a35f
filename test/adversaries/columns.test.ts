import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { furnish } from '../support/extremes.ts'
import { nobody } from './nobody.ts'

// Every column of every table and view, from the catalogue, written by every role that could have a way to: what becomes of it is
// held against one list. A column, a table or a grant that is new and opens more than the list says fails here.

/** What a role sets, table by table; nothing of what is not listed. */
const OF_INSERTERS = [
  'queue',
  'payload',
  'status',
  'priority',
  'run_at',
  'dedupe_key',
  'concurrency_key',
  'version',
  'url',
  'method',
  'headers',
  'query',
  'timeout_ms',
  'max_attempts',
  'retry_base_ms',
  'retry_max_ms',
]

/** What is not for service_role to write: what is the owner's, what was done and by whom, and what is only shown. */
const NOT_FOR_SERVICE = [
  'applied_file',
  'audit',
  'backfill',
  'hook',
  'hook_fault',
  'migration',
  'failed_jobs',
  'failures',
  'outcome',
  'queue_counters',
  'queue_overview',
].map((name) => `supaqueue.${name}`)

/** What stands in rows that service_role writes, and is not its to set: ids that are counted, how a job ended and when. */
const NOT_SET = [
  'insert supaqueue.job.finished_at',
  'insert supaqueue.job_dependency.ended_as',
  'update supaqueue.queue.id',
  ...['attempt', 'bulk_action', 'job', 'line_change', 'signal', 'unsettled'].map((table) =>
    `update supaqueue.${table}.id`
  ),
]

const rights = /```sql\n([\s\S]*?)```/.exec(
  readFileSync(new URL('../../docs/reference/rights.md', import.meta.url), 'utf8'),
)![1]!

type Column = { table: string; column: string; type: string; isView: boolean; needed: boolean; candidates: string[] }

/** Values to write, two at least, so that one of them is not what stands there anyhow. */
const values: Record<string, string[]> = {
  bigint: ['1', '2', '7'],
  'bigint[]': [`'{1,2}'`, `'{2}'`],
  boolean: ['true', 'false'],
  'double precision': ['7', '1', '0.5'],
  integer: ['7', '1', '0', '2'],
  interval: [`'7 minutes'`, `'1 minute'`],
  jsonb: [`'{"a": "b"}'`, `'[]'`, `'[{"a": 1}]'`, `'{}'`],
  numeric: ['7', '1'],
  real: ['7', '0.5'],
  'real[]': [`'{7}'`, `'{1,2}'`],
  'supaqueue.job_status': [`'held'`, `'pending'`, `'success'`, `'in_progress'`],
  text: [`'abc'`, `'GET'`, `'https://example.com/abc'`, `'Europe/Berlin'`, `'30 8 * * *'`, 'null'],
  'text[]': [`'{abc}'`, `'{enqueue}'`, `'{insert}'`, `'{POST /v1/*}'`, `'{}'`],
  'timestamp with time zone': [`'2001-01-01'`, `'2026-01-01 00:00:00+00'`],
  uuid: [`'00000000-0000-4000-8000-0000000000b7'`],
  xid8: [`'7'`, `'8'`],
}

let database: TestDatabase
let admin: pg.Client
let columns: Column[]
let shop: string
let url: string
const keys = await makeKeys()
const undo = makeUndo()

beforeAll(async () => {
  database = await testDatabase()
  undo.add(database.drop)
  await applyDatabase(database.ownerUrl, undefined, ['api'])
  const owner = await database.connect('owner')
  await furnish(owner)
  await owner.query(`insert into supaqueue.named_lock values ('key', 'a')`)
  admin = await database.connect('admin')
  shop = (await admin.query(`select id from supaqueue.queue where name = 'target'`)).rows[0].id
  await (await nobody(database)).end()
  await admin.query(`
    create role granted_${database.name};
    grant usage on schema supaqueue to granted_${database.name};
    grant all on all tables in schema supaqueue to granted_${database.name}`)
  await admin.query(`create role app_${database.name}`)
  await admin.query(
    rights.replaceAll(/\bto app\b/g, `to app_${database.name}`).replace('policy app', `policy app_${database.name}`),
  )
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  const rest = await startRestLite({ databaseUrl: database.ownerUrl, authenticatorUrl: database.authenticatorUrl })
  undo.add(rest.stop)
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  url = gateway.url

  const { rows } = await admin.query(`
    select attrelid::regclass::text as table, quote_ident(attname) as column, format_type(atttypid, null) as type,
      relkind = 'v' as "isView", attnotnull and not atthasdef and attidentity = '' as needed,
      array(
        select distinct quote_literal(found[1]) from pg_constraint, regexp_matches(pg_get_constraintdef(pg_constraint.oid), '''([a-z_]+)''::', 'g') as found
        where conrelid = attrelid and contype = 'c' and attnum = any (conkey)
      ) as literals,
      array(
        select format('select quote_literal(%3$s(%1$I::text)) as value from %2$s', attname, confrelid::regclass, extreme)
        from unnest('{min, max}'::text[]) as extreme, pg_constraint join pg_attribute as far on far.attrelid = confrelid and far.attnum = confkey[1]
        where conrelid = column_of.attrelid and contype = 'f' and conkey = array[column_of.attnum]
      ) as foreign
    from pg_attribute as column_of join pg_class on pg_class.oid = attrelid
    where relnamespace = 'supaqueue'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped
    order by 1, attnum`).catch((e) => {
    console.log(e)
    throw e
  })
  columns = []
  for (const { literals, foreign, ...column } of rows) {
    const some = values[column.type]
    if (!some) throw new Error(`the test has no value of the type ${column.type}`)
    // What is referred to, as a value: who writes it need not be able to read it.
    const there = await Promise.all(foreign.map(async (sql: string) => (await admin.query(sql)).rows[0].value))
    columns.push({ ...column, candidates: [...column.type === 'text' ? literals : [], ...there, ...some] })
  }
  for (const table of new Set(columns.map((one) => one.table))) {
    await admin.query(
      `create temp table "${table}" as select * from ${table}; grant select on ${copyOf(table)} to public`,
    )
  }
  // Writes as a role, and says how it went: whether more rows have the value than had it before. Undone in any case.
  await admin.query(`
    create function pg_temp.attempt(role text, before text, act text, look text) returns text language plpgsql as $$
    declare
      had bigint;
      has bigint;
      rows bigint;
    begin
      execute before;
      execute look into had;
      execute format('set local role %I', role);
      execute act;
      get diagnostics rows = row_count;
      set local role none;
      execute look into has;
      raise exception using errcode = 'ZZ999', message = case when rows = 0 then 'none' when has > had then 'set' else 'kept' end;
    exception when others then
      return case when sqlstate = 'ZZ999' then sqlerrm else sqlstate end;
    end $$`)
})
afterAll(() => undo.run())

/** What was in a table at first. */
const copyOf = (table: string) => `pg_temp."${table}"`

/** What became of a column: set, or all that was said of the values tried. */
async function tried(
  { table, column, type, isView, candidates }: Column,
  role: string,
  act: (value: string) => [before: string, act: string],
): Promise<string> {
  const went = new Set<string>()
  for (const candidate of candidates) {
    const value = `${candidate}::${type}`
    const look = isView ? 'select 0' : `select count(*) from ${table} where ${column} is not distinct from ${value}`
    const { rows: [{ now }] } = await admin.query('select pg_temp.attempt($1, $2, $3, $4) as now', [
      role,
      ...act(value),
      look,
    ])
    if (now === 'set' || now === '42501') return now
    went.add(now)
  }
  return [...went].sort().join()
}

/** Of jobs, one that nothing is done with. */
const quiet = ({ table }: Column) => table === 'supaqueue.job' ? `and status = 'pending' and queue = '${shop}'` : ''

const updated = (one: Column, role: string) =>
  tried(one, role, (value) => [
    'select',
    `update ${one.table} set ${one.column} = ${value}` + (
      role === 'service_role' && !one.isView
        ? ` where ctid = (select ctid from ${one.table} where ${one.column} is distinct from ${value} ${
          quiet(one)
        } limit 1)`
        : ''
    ),
  ])

const inserted = (one: Column, role: string) => {
  const list = columns.filter((other) =>
    other.table === one.table && other.column !== one.column && (role === 'service_role' || other.needed)
  )
  return tried(one, role, (value) => [
    one.isView
      ? 'select'
      : `delete from ${one.table} where ctid = (select ctid from ${one.table} where ${one.column} is distinct from ${value} ${
        quiet(one)
      } limit 1)`,
    `insert into ${one.table} (${[...list.map(({ column }) => column), one.column]})
     ${one.isView ? '' : 'overriding system value'}
     select ${[...list.map(({ column }) => `chosen.${column}`), value]} from ${copyOf(one.table)} as chosen
     where chosen.${one.column} is distinct from ${value} ${quiet(one)} limit 1`,
  ])
}

/** Rights, columns that count by themselves, views, triggers of ours, and what was done and changed nothing. */
const REFUSED = /^(42501|428C9|55000|SQ\d+|kept|none)$/

/** What of every column becomes more than a refusal, as `insert table.column`. */
async function reached(role: string): Promise<string[]> {
  const found: string[] = []
  for (const one of columns) {
    for (const [act, go] of [['insert', inserted], ['update', updated]] as const) {
      const went = await go(one, role)
      if (!went.split(',').every((part) => REFUSED.test(part))) found.push(`${act} ${one.table}.${one.column}`)
    }
  }
  return found.sort()
}

describe('by SQL', () => {
  test.for(['anon', 'authenticated', 'a login', 'all that is granted to a role and no policy'])(
    '%s: none',
    async (who) => {
      const names: Record<string, string> = {
        'a login': `nobody_${database.name}`,
        'all that is granted to a role and no policy': `granted_${database.name}`,
      }

      expect(await reached(names[who] ?? who)).toEqual([])
    },
  )

  test('who may insert jobs: what docs/reference/rights.md lists', async () => {
    expect(await reached(`app_${database.name}`)).toEqual(
      OF_INSERTERS.map((column) => `insert supaqueue.job.${column}`).sort(),
    )
  })

  test('service_role: all but what is not for it', async () => {
    const all = columns.flatMap(({ table, column }) => [`insert ${table}.${column}`, `update ${table}.${column}`])
    const open = new Set(await reached('service_role'))
    const whole = (act: string, table: string) => all.filter((entry) => entry.startsWith(`${act} ${table}.`))
    const closed = all.filter((entry) => !open.has(entry))
    const tables = [...new Set(columns.map(({ table }) => table))].flatMap((table) =>
      [['insert', table], ['update', table]] as const
    )
      .filter(([act, table]) => whole(act, table).every((entry) => !open.has(entry)))
    const inWhole = new Set(tables.flatMap(([act, table]) => whole(act, table)))

    expect(tables.map((pair) => pair.join(' ')).sort()).toEqual(
      NOT_FOR_SERVICE.flatMap((table) => [`insert ${table}`, `update ${table}`]).sort(),
    )
    expect(closed.filter((entry) => !inWhole.has(entry)).sort()).toEqual(NOT_SET.sort())
  })
})

describe('by the Data API, with doors open', () => {
  test.each(['anon', 'a user'])('%s: none', async (who) => {
    const headers: Record<string, string> = {
      apikey: keys.publishable,
      'content-type': 'application/json',
      'content-profile': 'supaqueue',
    }
    if (who === 'a user') {
      headers.authorization = `Bearer ${await signJwt(keys.jwtSecret, { role: 'authenticated', sub: randomUUID() })}`
    }
    await admin.query(`select supaqueue.allow('extreme', 'anon'), supaqueue.allow('extreme', 'authenticated')`)
    const found: string[] = []
    for (const table of new Set(columns.map((one) => one.table))) {
      const names = columns.filter((one) => one.table === table).map(({ column }) => column.replaceAll('"', ''))
      const all = Object.fromEntries(names.map((name) => [name, null]))
      const asked = [['PATCH', all] as const, ...names.map((name) => ['POST', { [name]: null }] as const)]
      const answers = await Promise.all(
        asked.map(([method, body]) =>
          fetch(`${url}/rest/v1/${table.replace('supaqueue.', '')}`, { method, headers, body: JSON.stringify(body) })
        ),
      )
      for (const [i, { status }] of answers.entries()) {
        if (status !== (who === 'anon' ? 401 : 403)) found.push(`${table}: ${JSON.stringify(asked[i])} ${status}`)
      }
    }

    expect(found).toEqual([])
  })

  test('service_role: what it may set by SQL, and no more', async () => {
    const headers = {
      apikey: keys.secret,
      'content-type': 'application/json',
      'content-profile': 'supaqueue',
      'prefer': 'return=minimal',
    }
    // That what is open is reached by the same requests shows that they are understood.
    const open = ['update supaqueue.job.priority', 'update supaqueue.queue.timeout_ms']
    const closed = new Set([
      ...open,
      ...NOT_FOR_SERVICE.flatMap((table) => [`insert ${table}`, `update ${table}`]),
      ...NOT_SET,
    ])
    const reached: string[] = []
    let tried = 0
    for (const { table, column, candidates, type, isView } of columns) {
      for (const [act, method] of [['insert', 'POST'], ['update', 'PATCH']] as const) {
        if (!closed.has(`${act} ${table}`) && !closed.has(`${act} ${table}.${column}`)) continue
        const name = column.replaceAll('"', '')
        const count = async (value: unknown) =>
          isView ? 0 : (await admin.query(
            `select count(*)::integer as rows from ${table} where ${column} is not distinct from $1::text::${type}`,
            [value],
          )).rows[0].rows
        for (const candidate of candidates) {
          const { rows: [{ value }] } = await admin.query(`select (${candidate}::${type})::text as value`)
          const { rows: [{ json }] } = await admin.query(`select to_jsonb(${candidate}::${type}) as json`)
          const before = await count(value)
          // One row alone: what is unique would refuse more. And a filter, without which nothing is updated.
          const first = isView ? '' : `?limit=1&order=${name}`
          const { status } = await fetch(
            `${url}/rest/v1/${table.replace('supaqueue.', '')}${act === 'update' ? first : ''}`,
            {
              method,
              headers,
              body: JSON.stringify({ [name]: json }),
            },
          )
          tried++
          if (status < 300 && await count(value) > before) reached.push(`${act} ${table}.${column}: ${status}`)
        }
      }
    }

    expect([...new Set(reached.map((entry) => entry.split(':')[0]))].sort()).toEqual(open)
    expect(tried).toBeGreaterThan(300)
  })
})
