import type pg from 'pg'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { installedAddons } from './addons.ts'
import { differing, forget, writeDown } from './applied.ts'
import { connect } from '../connection/client.ts'
import { exclusively } from './exclusive.ts'
import { migrationFiles, type SqlFile } from './files.ts'
import { inTransaction } from './in_transaction.ts'
import { lockTables } from './locks.ts'
import { KEEP_RIGHTS, REMEMBER_GRANTS, tablesOf, type Unit, unitsOf, upkeep } from './units.ts'
import { withoutRows } from './without_rows.ts'

export type ApplyOptions = {
  /** How long tables that are in use are tried for again and again, in milliseconds. Default: a minute. */
  withinMs?: number
  /** What belongs into the transaction of a first installation, around it: all of it happens, or nothing. */
  around?: { before(db: pg.Client): Promise<void>; after(db: pg.Client): Promise<void> }
}

/**
 * Brings a database to what migrations/ and functions/ say: migrations that its ledger does not
 * name, then functions, views and triggers that are not in the database as they stand here, then the add-ons: those that are
 * asked for, and those that were installed before. Doing it twice changes nothing; a database of an older version is upgraded.
 *
 * Safe while the queue is busy: what is unchanged is left alone. Tables whose triggers change are tried for so shortly that
 * nobody's transaction becomes the victim of a deadlock: a few times all at once, and then one after the other, each in a
 * transaction of its own. New functions must therefore bear the triggers of the release before for a moment.
 *
 * @param databaseUrl of the role that is to own supaqueue: `postgres` on Supabase
 * @param say is told each thing that was done
 * @param addons names of optional modules
 * @returns whether there was anything to do. Another install, for which this one waited, may have done it
 * @throws SupaqueueError SQ409 when a migration that was applied says something else today, SQ423 when tables stay locked
 */
export async function applyDatabase(
  databaseUrl: string,
  say: (line: string) => void = () => {},
  addons: string[] = [],
  { withinMs = 60_000, around }: ApplyOptions = {},
): Promise<boolean> {
  return await exclusively(databaseUrl, say, async () => {
    const db = await connect(databaseUrl, 'supaqueue install')
    try {
      const changed = await untilApplied(db, say, addons, withinMs, around)
      const { rows } = await db.query('select supaqueue_internal.schedule_sweep() as scheduled')
      say(rows[0].scheduled ? 'sweep: scheduled with pg_cron' : 'sweep: pg_cron is not there, so only by hand')
      return changed
    } finally {
      await db.end()
    }
  })
}

/** How often everything is tried in one go, before tables are taken one by one. */
const WHOLE_TRIES = 4

async function untilApplied(
  db: pg.Client,
  say: (line: string) => void,
  addons: string[],
  withinMs: number,
  around: ApplyOptions['around'],
): Promise<boolean> {
  const deadline = Date.now() + withinMs
  for (let tried = 1;; tried++) {
    const once = await inTransaction(db, say, deadline, async (told, lines) => {
      await around?.before(db)
      const applied = await applyOnce(
        db,
        (line) => lines.push(line),
        addons,
        told,
        around !== undefined || tried < WHOLE_TRIES,
      )
      await around?.after(db)
      return applied
    })
    if (once === undefined) continue
    const { left, done, changed } = once
    // Each table by itself: who holds no other cannot be in anybody's way for longer than they take to end.
    for (const units of left) {
      let inPlace: true | undefined
      while (!inPlace) {
        inPlace = await inTransaction(db, say, deadline, async (told) => {
          told(units.flatMap(tablesOf))
          await putInPlace(db, units)
          return true as const
        })
      }
    }
    if (left.length > 0) await finish(db, addons)
    for (const line of done) say(line)
    return changed
  }
}

/** Does all of it; or, when not `whole`, all but the triggers: `left` has them by their tables. `done` is to be said once they are in place, too. */
async function applyOnce(
  db: pg.Client,
  say: (line: string) => void,
  asked: string[],
  told: (tables: string[]) => void,
  whole: boolean,
): Promise<{ left: Unit[][]; done: string[]; changed: boolean }> {
  const query = queryOf(db)
  await prepare(db)
  const addons = [...new Set([...await installedAddons(query), ...asked])]
  const pending = await pendingMigrations(db, addons)
  if (pending.length > 0) {
    const tables = await ownTables(db)
    told(tables)
    await lockTables(db, tables)
  }
  await db.query(REMEMBER_GRANTS)
  for (const file of pending) {
    await run(db, file)
    await db.query('insert into supaqueue.migration (name, checksum) values ($1, $2)', [file.name, file.checksum])
    say(`migration ${file.name}: applied`)
  }

  const units = unitsOf(addons)
  const changed = await differing(query, units)
  const triggers = changed.filter(({ kind }) => kind === 'trigger')
  const others = changed.filter(({ kind }) => kind !== 'trigger')
  // Under the lock of a migration the triggers belong to it.
  const later = whole || pending.length > 0 ? [] : triggers
  for (const unit of others) await run(db, unit)
  await db.query(KEEP_RIGHTS)
  const done = [
    changed.length === 0
      ? 'functions: as they stand here'
      : `functions: ${changed.length} parts of ${units.length} put in place`,
    ...addons.map((addon) => `add-on ${addon}: in place`),
  ]
  if (later.length > 0) {
    if (others.length > 0) await writeDown(query, others)
    return { left: byTables(later), done, changed: true }
  }
  if (pending.length === 0 && triggers.length > 0) {
    told(triggers.flatMap(tablesOf))
    await lockTables(db, triggers.flatMap(tablesOf))
  }
  for (const unit of triggers) await run(db, unit)
  for (const statement of upkeep(addons)) await db.query(statement)
  if (changed.length > 0) await writeDown(query, units)
  await forget(query, units)
  return { left: [], done, changed: pending.length > 0 || changed.length > 0 }
}

function byTables(units: Unit[]): Unit[][] {
  const tables = [...new Set(units.map((unit) => tablesOf(unit).join()))]
  return tables.map((table) => units.filter((unit) => tablesOf(unit).join() === table))
}

async function putInPlace(db: pg.Client, units: Unit[]): Promise<void> {
  await prepare(db)
  await lockTables(db, units.flatMap(tablesOf), false)
  for (const unit of units) await run(db, unit)
  await writeDown(queryOf(db), units)
}

async function finish(db: pg.Client, asked: string[]): Promise<void> {
  const addons = [...new Set([...await installedAddons(queryOf(db)), ...asked])]
  for (const statement of upkeep(addons)) await db.query(statement)
  await forget(queryOf(db), unitsOf(addons))
}

const queryOf = (db: pg.Client) => async <Row>(sql: string, values?: unknown[]) =>
  (await db.query(sql, values)).rows as Row[]

async function prepare(db: pg.Client): Promise<void> {
  await db.query('set local client_min_messages = warning')
  await db.query('set local search_path = pg_catalog, pg_temp')
  // SQL functions call each other; without this, files would have to come in the order of who calls whom.
  await db.query('set local check_function_bodies = off')
  // For whatever is locked beside the tables: views that somebody reads.
  await db.query(`set local lock_timeout = '100ms'`)
}

/**
 * Writes what an installation needs to know: where the functions live, and the secret that wake-ups are signed with.
 * The secret goes to Vault as a bound parameter, so that it appears in no log of statements.
 */
export async function configureDatabase(
  databaseUrl: string,
  { functionsUrl, secret }: { functionsUrl: string; secret: string },
): Promise<void> {
  const db = await connect(databaseUrl, 'supaqueue install')
  try {
    await db.query(
      `insert into supaqueue.setting (name, value) values ('functions_url', $1)
       on conflict (name) do update set value = excluded.value`,
      [functionsUrl],
    )
    const { rows } = await db.query(`select id from vault.decrypted_secrets where name = 'supaqueue_secret'`)
    if (rows.length > 0) {
      await db.query('select vault.update_secret($1, $2)', [rows[0].id, secret])
    } else {
      await db.query('select vault.create_secret($1, $2, $3)', [
        secret,
        'supaqueue_secret',
        'Signs the wake-ups that wake the edge function supaqueue. Known to it as SUPAQUEUE_SECRET.',
      ])
    }
  } finally {
    await db.end()
  }
}

/** Migrations that the ledger does not name. */
async function pendingMigrations(db: pg.Client, addons: string[]): Promise<SqlFile[]> {
  const files = migrationFiles(addons)
  const { rows: [ledger] } = await db.query(`select to_regclass('supaqueue.migration') is not null as exists`)
  if (!ledger.exists) return files
  const { rows } = await db.query<{ name: string; checksum: string }>('select name, checksum from supaqueue.migration')
  if (rows.length === 0) throw withoutRows()
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  for (const { name, checksum } of files) {
    if (applied.get(name) === undefined || applied.get(name) === checksum) continue
    throw new SupaqueueError(
      'SQ409',
      `migration ${name} was applied with other contents than it has today`,
      'A released migration never changes. Get the release that this database was installed with, or restore the file.',
    )
  }
  return files.filter(({ name }) => !applied.has(name))
}

/** Any of them may be changed by a migration, and their triggers after it. */
async function ownTables(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname in ('supaqueue', 'supaqueue_internal') and c.relkind = 'r' and exists (
       select from pg_namespace as ours
       where ours.nspname = 'supaqueue' and to_regclass('supaqueue.migration') is not null
     )`,
  )
  return rows.map(({ name }) => name)
}

async function run(db: pg.Client, { name, sql }: SqlFile | Unit): Promise<void> {
  try {
    await db.query(sql)
  } catch (reason) {
    throw reason instanceof Error ? new Error(`${name}: ${reason.message}`, { cause: reason }) : reason
  }
}
