import { test as base } from 'vitest'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Harness, harness as harnessOf } from './harness.ts'

/** As `test` of harness.ts, with a database of its own for each test: for what changes more than rows of its own. */
export const test = base.extend<{ database: TestDatabase; harness: Harness }>({
  // deno-lint-ignore no-empty-pattern
  database: async ({}, use) => {
    const database = await testDatabase()
    await use(database)
    await database.drop()
  },
  harness: async ({ database }, use) => {
    const db = await database.connect()
    await use(harnessOf(db))
    await db.end()
  },
})
