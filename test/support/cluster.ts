import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { applyDatabase, configureDatabase } from '../../scripts/cli/database/apply.ts'
import { type Postgres, startPostgres } from '../../scripts/dev/postgres.ts'
import { installStandIns } from '../../scripts/dev/standins/standins.ts'

declare module 'vitest' {
  interface ProvidedContext {
    cluster: { adminUrl: string; ownerUrl: string; authenticatorUrl: string }
    /** A folder of this run. */
    scratch: string
  }
}

/** The database that every test's own one is a copy of: stand-ins and supaqueue in place, no worker of pg_net running. */
export const TEMPLATE = 'supaqueue_template'

/** What wake-ups are signed with in the tests' databases. */
export const SECRET = 'the-secret-of-the-tests'

/** One PostgreSQL for the whole run of the suite. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres({ inMemory: true, settings: { synchronous_commit: 'on' } })
  await prepare(postgres, TEMPLATE)
  project.provide('cluster', {
    adminUrl: postgres.adminUrl,
    ownerUrl: postgres.ownerUrl,
    authenticatorUrl: postgres.authenticatorUrl,
  })
  const scratch = mkdtempSync(join(tmpdir(), 'suite-'))
  project.provide('scratch', scratch)
  return async () => {
    rmSync(scratch, { recursive: true })
    await postgres.close()
  }
}

/** Makes a database with the stand-ins and supaqueue in it. */
export async function prepare(postgres: Postgres, name: string): Promise<void> {
  await postgres.createDatabase(name)
  await installStandIns(postgres.urlFor('admin', name))
  await applyDatabase(postgres.urlFor('owner', name), undefined, ['api'])
  await configureDatabase(postgres.urlFor('owner', name), {
    functionsUrl: 'http://127.0.0.1:9/functions/v1',
    secret: SECRET,
  })
}
