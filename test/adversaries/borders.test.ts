import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { bombs } from '../support/bombs.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type House, house as houseOf } from '../support/house.ts'
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
  ['keys that are long', `{"${'k'.repeat(1_000_000)}":1}`],
]
const texts: [string, string][] = [
  ['a long word', 'x'.repeat(1_000_000)],
  ['many quotes', `'`.repeat(1_000_000)],
  ['JSON that unfolds', heap],
  ['nesting that no parser ends', '['.repeat(1_000_000)],
]

/** How much an argument of this size may take at its worst: copies are made of it, and it is never unfolded. */
const mostBytes = (given: string) => 48 * 2 ** 20 + given.length * 40

let database: TestDatabase
let house: House
let pid: number

beforeAll(async () => {
  database = await testDatabase()
  await applyDatabase(database.ownerUrl, undefined, ['api', 'fetchq', 'pgqueuer'])
  await reconnect()
  await house.db.query(`
    select supaqueue.create_queue('extreme', 'hello', workers => 2), fetchq.queue_create('pulled');
    insert into supaqueue.schedule (name, queue, cron) select 'hourly', id, '0 * * * *' from supaqueue.queue where name = 'extreme';
    select supaqueue.allow('extreme', 'authenticated', per_minute => 10);
    select supaqueue.create_api_key('key', '{enqueue}', 5);
    select supaqueue.enqueue('extreme', dedupe_key => 'a'), supaqueue.enqueue('extreme'), supaqueue.enqueue('extreme', held => true);
    select fetchq.doc_push('pulled', 'subject', '{}');
    select fetchq.doc_pick('pulled')`)
})
afterAll(() => database?.drop())

async function reconnect() {
  house = houseOf(await database.connect('service_role'))
  pid = (await house.db.query('select pg_backend_pid() as pid')).rows[0].pid
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
  await house.db.query('begin')
  const grown = await growthOf(() =>
    house.db.query(statement, [value]).then(
      ({ rows }) => said = { rows: JSON.stringify(rows).length },
      (reason) => said = reason,
    )
  )
  await house.db.query('rollback')
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
  return `${said.code} ${String(said.message).slice(0, 100)}`
}

type Border = { call: string; schema: string; names: string[]; types: string[]; needed: number }

const borders = async (): Promise<Border[]> =>
  (await house.db.query(`
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
  test('is not written out by any function that anybody may call, in no argument', { timeout: 600_000 }, async () => {
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
              ? [`${names[i]} => ${sensible[`${call}.${names[i]}`] ?? sensible[names[i] as string] ?? 'null'}`]
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

  test('is not written out by any table, in no column', { timeout: 600_000 }, async () => {
    const { rows: columns } = await house.db.query(`
      select attrelid::regclass::text as table, attname as column, format_type(atttypid, null) as type
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        and atttypid in ('jsonb'::regtype, 'json'::regtype, 'text'::regtype, 'varchar'::regtype) and has_table_privilege('service_role', attrelid, 'update')
      order by 1, 2`)
    expect(columns.length).toBeGreaterThan(8)
    const faults: string[] = []
    for (const { table, column, type } of columns) {
      for (const [what, given] of fitting(type) === json ? json : texts.slice(0, 1)) {
        const fault = await faultOf(`update ${table} set ${column} = $1::${type}`, given, given, false)
        if (fault) faults.push(`${table}.${column} of ${what}: ${fault}`)
      }
    }

    expect(faults).toEqual([])
  })
})
