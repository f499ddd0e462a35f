import { test as base } from 'vitest'
import { type TestDatabase, testDatabase } from './database.ts'
import { type House, house as houseOf } from './house.ts'

/** As `test` of house.ts, with a database of its own for each test: for what changes more than rows of its own. */
export const test = base.extend<{ database: TestDatabase; house: House }>({
  // deno-lint-ignore no-empty-pattern
  database: async ({}, use) => {
    const database = await testDatabase()
    await use(database)
    await database.drop()
  },
  house: async ({ database }, use) => {
    const db = await database.connect()
    await use(houseOf(db))
    await db.end()
  },
})
