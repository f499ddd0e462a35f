import pg from 'pg'
import { addonFiles, installedAddons } from './addons.ts'
import { functionFiles, migrationFiles, type SqlFile } from './files.ts'
import { HintedError } from '../hinted_error.ts'

/** Any number that nobody else is likely to take: two installers at once must not run into each other. */
const INSTALL_LOCK = 1398100049

/**
 * Brings a database to what migrations/ and functions/ say, in one transaction: migrations that its ledger does not
 * name, then every function, then the add-ons: those that are asked for, and those that were installed before. Doing it
 * twice changes nothing; a database of an older version is upgraded.
 *
 * @param databaseUrl of the role that is to own supaqueue: `postgres` on Supabase
 * @param say is told each thing that was done
 * @param addons names of optional modules
 * @throws HintedError SQ409 when a migration that was applied says something else today, SQ423 when tables stay locked
 */
export async function applyDatabase(
  databaseUrl: string,
  say: (line: string) => void = () => {},
  addons: string[] = [],
): Promise<void> {
  const db = new pg.Client({ connectionString: databaseUrl, application_name: 'supaqueue install' })
  await db.connect()
  try {
    await db.query('begin')
    // Triggers are made anew, which locks their tables. Whoever uses the queue must not wait long behind us.
    await db.query(`set local lock_timeout = '5s'`)
    await db.query('set local client_min_messages = warning')
    // SQL functions call each other; without this, files would have to come in the order of who calls whom.
    await db.query('set local check_function_bodies = off')
    await db.query('select pg_advisory_xact_lock($1)', [INSTALL_LOCK])
    await applyMigrations(db, say)
    for (const file of functionFiles()) await run(db, file)
    say(`functions: ${functionFiles().length} in place`)
    const before = await installedAddons(async (sql) => (await db.query(sql)).rows)
    for (const addon of new Set([...before, ...addons])) {
      for (const file of addonFiles(addon)) await run(db, file)
      say(`add-on ${addon}: in place`)
    }
    await db.query('commit')
    const { rows } = await db.query('select supaqueue_internal.schedule_sweep() as scheduled')
    say(rows[0].scheduled ? 'sweep: every 10 seconds by pg_cron' : 'sweep: pg_cron is not there, so only by hand')
  } finally {
    await db.end()
  }
}

/**
 * Writes what an installation needs to know: where the functions live, and the secret that ticks are signed with.
 * The secret goes to Vault as a bound parameter, so that it appears in no log of statements.
 */
export async function configureDatabase(
  databaseUrl: string,
  { functionsUrl, secret }: { functionsUrl: string; secret: string },
): Promise<void> {
  const db = new pg.Client({ connectionString: databaseUrl, application_name: 'supaqueue install' })
  await db.connect()
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
        'Signs the ticks that wake the edge function supaqueue. Known to it as SUPAQUEUE_SECRET.',
      ])
    }
  } finally {
    await db.end()
  }
}

async function applyMigrations(db: pg.Client, say: (line: string) => void): Promise<void> {
  const { rows: ledger } = await db.query(`select to_regclass('supaqueue.migration') is not null as exists`)
  const applied = new Map<string, string>()
  if (ledger[0].exists) {
    const { rows } = await db.query('select name, checksum from supaqueue.migration')
    for (const row of rows) applied.set(row.name, row.checksum)
  }
  for (const file of migrationFiles()) {
    const checksum = applied.get(file.name)
    if (checksum === undefined) {
      await run(db, file)
      await db.query('insert into supaqueue.migration (name, checksum) values ($1, $2)', [file.name, file.checksum])
      say(`migration ${file.name}: applied`)
    } else if (checksum !== file.checksum) {
      throw new HintedError(
        'SQ409',
        `migration ${file.name} was applied with other contents than it has today`,
        'A released migration never changes. Get the release that this database was installed with, or restore the file.',
      )
    }
  }
}

async function run(db: pg.Client, file: SqlFile): Promise<void> {
  try {
    await db.query(file.sql)
  } catch (reason) {
    if (!(reason instanceof Error)) throw reason
    const code = 'code' in reason ? reason.code : undefined
    if (code === '55P03') {
      throw new HintedError(
        'SQ423',
        `${file.name}: a table of supaqueue is locked by a long transaction`,
        "Nothing was changed. Try again, or look for the transaction: select * from pg_stat_activity where xact_start < now() - interval '5 seconds'.",
      )
    }
    throw new Error(`${file.name}: ${reason.message}`, { cause: reason })
  }
}
