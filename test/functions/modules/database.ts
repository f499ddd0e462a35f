import { afterAll, beforeAll } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { type Harness, harness } from '../../support/harness.ts'

export type AddonDatabase = { database: TestDatabase; harness: Harness }

/** A database of the file's own with add-ons in it, and a session of service_role. Filled in before the first test. */
export function databaseWith(...addons: string[]): AddonDatabase {
  const own = {} as AddonDatabase
  beforeAll(async () => {
    own.database = await testDatabase()
    await applyDatabase(own.database.ownerUrl, undefined, addons)
    own.harness = harness(await own.database.connect())
  })
  afterAll(() => own.database?.drop())
  return own
}
