import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { addonNames } from '../../scripts/cli/database/addons.ts'
import { migrationText } from '../../scripts/cli/project/migration_file.ts'
import { bareDatabase } from '../support/management_api/bare_database.ts'

// What a project grants on whatever will be made: the platform's own default privileges are of this kind, and so are the recipes for
// "permission denied". Whichever of them stand there, an install, an upgrade and a migration of ours open nothing.

const TO = 'public, anon, authenticated'
const KINDS = ['schemas', 'tables', 'functions', 'sequences', 'types']

/** What somebody may have said before or after we came. */
const recipes: [what: string, sql: string][] = [
  ['on all that is made', KINDS.map((kind) => `alter default privileges grant all on ${kind} to ${TO};`).join('\n')],
  [
    'on all that is made in public',
    KINDS.slice(1, 4).map((kind) => `alter default privileges in schema public grant all on ${kind} to ${TO};`).join(
      '\n',
    ),
  ],
  [
    'for others to grant on',
    KINDS.slice(0, 4).map((kind) => `alter default privileges grant all on ${kind} to anon with grant option;`).join(
      '\n',
    ),
  ],
]
const ofOurs = `
  ${
  ['supaqueue', 'supaqueue_internal'].map((schema) =>
    `grant all on schema ${schema} to ${TO};
   grant all on all tables in schema ${schema} to ${TO};
   grant all on all routines in schema ${schema} to ${TO};
   grant all on all sequences in schema ${schema} to ${TO};
   alter default privileges in schema ${schema} grant all on tables to ${TO};
   alter default privileges in schema ${schema} grant all on functions to ${TO};
   alter default privileges in schema ${schema} grant all on sequences to ${TO};`
  ).join('\n')
}
  grant all on all routines in schema public to ${TO};`

let database: Awaited<ReturnType<typeof bareDatabase>>
let db: pg.Client
beforeEach(async () => {
  database = await bareDatabase('own')
  db = new pg.Client({ connectionString: database.ownerUrl })
  await db.connect()
})
afterEach(async () => {
  await db?.end()
  await database?.drop()
})

/** What anon, a user, or whoever may log in can do with anything of ours. */
async function open(): Promise<string[]> {
  const { rows } = await db.query<{ told: string }>(`
    select role || ' ' || told as told from unnest('{anon, authenticated, pg_monitor}'::text[]) as role cross join lateral (
      select 'schema ' || nspname as told from pg_namespace
      where nspname ~ '^(supaqueue|fetchq)' and has_schema_privilege(role, oid, 'usage, create')
      union all
      select relkind::text || ' ' || oid::regclass from pg_class
      where relnamespace::regnamespace::text ~ '^(supaqueue|fetchq)' and case relkind
        when 'S' then has_sequence_privilege(role, oid, 'usage, select, update')
        when 'r' then has_table_privilege(role, oid, 'select, insert, update, delete, truncate, references, trigger')
          or has_any_column_privilege(role, oid, 'select, insert, update, references')
        when 'v' then has_table_privilege(role, oid, 'select, insert, update, delete')
        else false end
      union all
      select 'function ' || oid::regprocedure from pg_proc
      where (pronamespace::regnamespace::text ~ '^(supaqueue|fetchq)'
          or pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') ~ 'supaqueue|current job')
        and has_function_privilege(role, oid, 'execute')
    ) as found order by 1`)
  return rows.map(({ told }) => told)
}

/** How supaqueue comes into a database. */
const ways: [what: string, come: () => Promise<unknown>][] = [
  ['an install with all add-ons', () => applyDatabase(database.ownerUrl, undefined, addonNames())],
  ['a migration', () => db.query(migrationText([], undefined, ['api'])!)],
]

describe.for(recipes)('default privileges %s', ([, sql]) => {
  test.for(ways)('open nothing by %s', async ([, come]) => {
    await db.query(sql)
    await come()

    expect(await open()).toEqual([])
  })

  test('open nothing by an upgrade', async () => {
    await applyDatabase(database.ownerUrl)
    await db.query(sql)
    // As of an earlier release: this one makes them anew, and an add-on with tables of its own.
    await db.query(`
      delete from supaqueue.applied_file;
      drop function supaqueue.pause(text, interval, text), supaqueue.queue_options(jsonb)`).catch(() =>
      db.query('delete from supaqueue.applied_file; drop function supaqueue.pause cascade')
    )
    await applyDatabase(database.ownerUrl, undefined, addonNames())

    expect(await open()).toEqual([])
  })
})

test('what was granted on ours is taken back by the next install', async () => {
  await applyDatabase(database.ownerUrl, undefined, addonNames())
  await db.query(ofOurs)
  expect((await open()).length).toBeGreaterThan(300)
  await applyDatabase(database.ownerUrl, undefined, addonNames())

  expect(await open()).toEqual([])
})
