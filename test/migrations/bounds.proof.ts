import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../scripts/dev/postgres.ts'
import { connectTo, everything, extremesOf, furnish, type Refusal } from '../support/extremes.ts'
import { prepare } from '../support/cluster.ts'

// Every number and every time in every table, with every value that no arithmetic survives: either a constraint with a
// name refuses it, or all goes on as before. What is set aside has been met by somebody, so it counts as a fault.
describe.each([15, 17] as const)('on PostgreSQL %s', (version) => {
  let postgres: Postgres
  let db: pg.Client

  beforeAll(async () => {
    postgres = await startPostgres({ version })
    await prepare(postgres, 'bounds')
    db = await connectTo(postgres.urlFor('owner', 'bounds'))
    await furnish(db)
  })

  afterAll(async () => {
    await db?.end()
    await postgres?.close()
  })

  test('all goes on with values that are none of them', async () => {
    await db.query('begin')
    expect(await everything(db)).toEqual([])
    await db.query('rollback')
  })

  test('no value of a column survives that something of ours does not', async () => {
    const faults: string[] = []
    for (const { table, column, type } of await columns()) {
      for (const value of extremesOf(type, version)) {
        for (const [how, write] of [['update', update], ['insert', insert]] as const) {
          await db.query('begin')
          try {
            const refused = await write(table, column, value).then(() => undefined, (reason) => reason)
            if (!refused) {
              for (const said of await everything(db)) faults.push(`${how} ${table}.${column} = ${value}: ${said}`)
            } else if (!isRefusal(refused)) {
              faults.push(`${how} ${table}.${column} = ${value}: ${refused.code} ${refused.message}`)
            }
          } catch (fault) {
            const reason = fault as Refusal
            faults.push(`${how} ${table}.${column} = ${value}, later: ${reason.code} ${reason.message}`)
          } finally {
            await db.query('rollback')
          }
        }
      }
    }

    expect(faults).toEqual([])
  })

  /** By a constraint with a name, or in our own words with what to do. */
  const isRefusal = (reason: Refusal) =>
    ['23514', '23503', '23505'].includes(reason.code!) && reason.constraint ||
    /^SQ4/.test(reason.code!) && reason.hint ||
    // What the type itself does not hold.
    reason.code === '22003' && /numeric field overflow|out of range for type/.test(reason.message)

  const columns = async () =>
    (await db.query(
      `select relname as table, attname as column, format_type(atttypid, atttypmod) as type
       from pg_attribute join pg_class on pg_class.oid = attrelid
       where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped and attidentity = ''
         and format_type(atttypid, null) in
           ('timestamp with time zone', 'interval', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision')
       order by 1, attnum`,
    )).rows

  const update = (table: string, column: string, value: string) =>
    db.query(`update supaqueue.${table} set ${column} = '${value}'`)

  /** A row like one that is there: beside it where others hang on that, in its place where it is one of its kind. */
  async function insert(table: string, column: string, value: string) {
    const beside = ['queue', 'worker', 'job', 'batch', 'rate_limit', 'api_key', 'schedule', 'attempt', 'unsettled']
      .includes(table)
    const { rows: [row] } = await db.query(
      `select to_jsonb(t) as row from supaqueue.${table} as t order by t::text limit 1`,
    )
    if (!row) throw new Error(`the test has no row of ${table}`)
    if (!beside) await db.query(`delete from supaqueue.${table}`)
    const { rows: generated } = await db.query(
      `select attname as name from pg_attribute where attrelid = 'supaqueue.${table}'::regclass and attidentity <> ''`,
    )
    const given: Record<string, unknown> = { ...row.row, [column]: value }
    if (beside) {
      delete given.id
      if ('name' in given) given.name = `${given.name}-2`
      if ('hash' in given) given.hash = 'a'.repeat(64)
      if (table === 'job') {
        Object.assign(given, { status: 'pending', finished_at: column === 'finished_at' ? value : undefined })
      }
    }
    for (const { name } of generated) delete given[name]
    const names = Object.keys(given).filter((name) => given[name] !== undefined)
    await db.query(
      `insert into supaqueue.${table} (${names}) select ${names} from jsonb_populate_record(null::supaqueue.${table}, $1)`,
      [JSON.stringify(given)],
    )
    if (table === 'queue') {
      await db.query(`
        insert into supaqueue.worker (queue) select id from supaqueue.queue where name like '%-2';
        select supaqueue.enqueue(name) from supaqueue.queue where name like '%-2'`)
    }
  }
})
