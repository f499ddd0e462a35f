import { expect } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { migrationFiles } from '../../../scripts/cli/database/files.ts'
import { installStandIns } from '../../../scripts/dev/standins/standins.ts'
import { catalogue } from '../../support/catalogue.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { test as base } from '../../support/harness.ts'

/** `empty` is a project's database before supaqueue came. */
export const test = base.extend<{ empty: TestDatabase }>({
  // deno-lint-ignore no-empty-pattern
  empty: async ({}, use) => {
    const database = await testDatabase('template1')
    await installStandIns(database.adminUrl)
    await use(database)
    await database.drop()
  },
})

export const migrations = migrationFiles(['api'])

/** Migrations of the first release: what came after it must bring a database of that release to this one. */
const FIRST_RELEASE = 8

/** How many migrations each release had, and which came next. */
export const releases = [...migrations.map(({ name }) => name), 'this release']
  .map((name, i) => [i, name] as const).slice(FIRST_RELEASE)

/** Applies the first so many migrations, as an older release did. */
export async function applyFirst(database: TestDatabase, count: number): Promise<void> {
  const owner = await database.connect('owner')
  for (const migration of migrations.slice(0, count)) {
    await owner.query(migration.sql)
    await owner.query('insert into supaqueue.migration (name, checksum) values ($1, $2)', [
      migration.name,
      migration.checksum,
    ])
  }
}

export const catalogueOf = async (database: TestDatabase) => await catalogue(await database.connect('admin'))

/** An upgrade of an older release leaves what a fresh installation has. */
export async function equalsFresh(
  [count]: readonly [number, string],
  { empty, database }: { empty: TestDatabase; database: TestDatabase },
): Promise<void> {
  await applyFirst(empty, count)

  await applyDatabase(empty.ownerUrl, undefined, ['api'])

  expect(await catalogueOf(empty)).toEqual(await catalogueOf(database))
}
