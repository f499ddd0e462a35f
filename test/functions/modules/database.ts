import { afterAll, beforeAll } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { type House, house } from '../../support/house.ts'

export type AddonDatabase = { database: TestDatabase; house: House }

/** A database of the file's own with add-ons in it, and a session of service_role. Filled in before the first test. */
export function databaseWith(...addons: string[]): AddonDatabase {
  const own = {} as AddonDatabase
  beforeAll(async () => {
    own.database = await testDatabase()
    await applyDatabase(own.database.ownerUrl, undefined, addons)
    own.house = house(await own.database.connect())
  })
  afterAll(() => own.database?.drop())
  return own
}
