import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../scripts/cli/project/database.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { schemaStep } from '../../../scripts/cli/steps/schema.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.drop())

/** Takes the schema away, and says what was told meanwhile. */
function takeAway(keepData = false) {
  const db = openDatabase(database.ownerUrl)
  const notes: string[] = []
  const project = { db, note: (line: string) => void notes.push(line) } as unknown as Project
  return { notes, ended: Promise.resolve(schemaStep.takeAway(project, { keepData })).finally(() => db.end()) }
}

const tables = async () => {
  const owner = await database.connect('owner')
  const { rows } = await owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname in ('supaqueue', 'supaqueue_internal') and c.relkind = 'r' order by name`,
  )
  return rows.map(({ name }) => name)
}

test('broken off midway, with the tables to be kept, all is as it was', async () => {
  const admin = await database.connect('admin')
  await admin.query(`
    create function refuse() returns event_trigger language plpgsql as $$ begin raise 'not now'; end $$;
    create event trigger refuse on ddl_command_start when tag in ('DROP VIEW') execute function refuse()`)
  const parts = `select
      (select count(*)::integer from pg_trigger where not tgisinternal and tgrelid = 'supaqueue.job'::regclass) as triggers,
      (select count(*)::integer from pg_proc where pronamespace = 'supaqueue'::regnamespace) as functions`
  const { rows: before } = await admin.query(parts)
  const { ended } = takeAway(true)
  const reason = await ended.catch((reason) => reason)
  const { rows: after } = await admin.query(parts)
  await admin.query('drop event trigger refuse; drop function refuse()')

  expect(reason).toMatchObject({ message: 'not now' })
  expect(after).toEqual(before)
})

// Whoever holds one table may want any other next: of the two it is the remover who gives way.
describe('while a transaction has tables of ours', () => {
  test.for(
    [
      ['the jobs, and wants all others', (name: string) => name === 'supaqueue.job'],
      ['all others, and wants the jobs', (name: string) => name !== 'supaqueue.job'],
    ] as const,
  )('%s: it waits, and nobody is refused', async ([, isHeld]) => {
    await database.drop()
    database = await testDatabase()
    const all = await tables()
    const [user, admin] = [await database.connect('owner'), await database.connect('admin')]
    const lock = (names: string[]) => user.query(`lock table ${names.join(', ')} in row exclusive mode`)
    await user.query('begin')
    await lock(all.filter(isHeld))
    const { notes, ended } = takeAway()
    await until(async () =>
      notes.length > 0 || (await admin.query(`select from pg_locks as l join pg_stat_activity as a using (pid)
        where a.application_name = 'supaqueue' and a.datname = current_database() and not l.granted`)).rowCount! > 0
    )
    await lock(all.filter((name) => !isHeld(name)))
    await user.query('commit')

    expect(await ended).toBe(true)
    expect(await tables()).toEqual([])
    const { rows } = await admin.query('select deadlocks from pg_stat_database where datname = current_database()')
    expect(rows).toEqual([{ deadlocks: 0 }])
  })
})
