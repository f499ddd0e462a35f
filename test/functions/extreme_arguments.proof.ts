import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../scripts/dev/postgres.ts'
import { prepare } from '../support/cluster.ts'
import { connectTo, everything, extremesOf, furnish, type Refusal } from '../support/extremes.ts'
import { sensible } from '../support/sensible.ts'

describe.each([15, 17] as const)('on PostgreSQL %s', (version) => {
  let postgres: Postgres
  let db: pg.Client

  beforeAll(async () => {
    postgres = await startPostgres({ version })
    await prepare(postgres, 'arguments')
    db = await connectTo(postgres.urlFor('owner', 'arguments'))
    await furnish(db)
  })

  afterAll(async () => {
    await db?.end()
    await postgres?.close()
  })

  // The settings of a queue are refused by the claim of its table that does not hold, as its header says.
  test('functions that people call refuse in words what they cannot take, and survive what they take', async () => {
    const { rows: given } = await db.query(`
      select proname as function, pronamespace::regnamespace::text as schema, names, types,
        cardinality(names) - pronargdefaults as needed
      from pg_proc
      cross join lateral (select
        array(select name from unnest(proargnames[1:pronargs]) as name) as names,
        array(select format_type(type, null) from unnest(proargtypes) with ordinality as entry (type, place) order by place) as types
      ) as argument
      where prokind = 'f' and prorettype <> 'trigger'::regtype
        and (pronamespace = 'supaqueue'::regnamespace
          or pronamespace = 'public'::regnamespace and proname ~ '^supaqueue_|^end_current_job$')
      order by proname`)
    expect(given.length).toBeGreaterThan(40)

    const faults: string[] = []
    let tried = 0
    for (const { function: name, schema, names, types, needed } of given) {
      for (const [place, argument] of (names ?? []).entries()) {
        for (const value of [...extremesOf(types[place], version), null]) {
          const wanted = (names as string[]).flatMap((other, i) =>
            other === argument
              ? [`"${other}" => ${value === null ? 'null' : `'${value}'`}::${types[i]}`]
              : i < needed
              ? [`"${other}" => ${sensible[`${name}.${other}`] ?? sensible[other] ?? 'null'}`]
              : []
          )
          const call = `select ${schema}.${name}(${wanted.join(', ')})`
          tried++
          await db.query('begin')
          try {
            await db.query(call).then(
              async () => (await everything(db)).forEach((said) => faults.push(`${call}: ${said}`)),
              (reason) => {
                if (!(/^SQ4/.test(reason.code) && reason.hint || name === 'create_queue' && reason.constraint)) {
                  faults.push(`${call}: ${reason.code} ${reason.message}`)
                }
              },
            )
          } catch (fault) {
            const reason = fault as Refusal
            faults.push(`${call}, later: ${reason.code} ${reason.message}`)
          } finally {
            await db.query('rollback')
          }
        }
      }
    }

    expect(tried).toBeGreaterThan(300)
    expect(faults).toEqual([])
  })
})
