import { Client } from '../cli/connection/client.ts'
import { applyDatabase } from '../cli/database/apply.ts'
import { startPostgres } from '../dev/postgres.ts'
import { installStandIns } from '../dev/standins/standins.ts'

/** Does some work on an installation of its own, that of its owner, which is gone afterwards. */
export async function withDatabase<T>(work: (db: Client) => Promise<T>): Promise<T> {
  const postgres = await startPostgres()
  try {
    await postgres.createDatabase('generated')
    await installStandIns(postgres.urlFor('admin', 'generated'))
    await applyDatabase(postgres.urlFor('owner', 'generated'), undefined, ['api'])
    const db = new Client({ connectionString: postgres.urlFor('owner', 'generated') })
    await db.connect()
    try {
      return await work(db)
    } finally {
      await db.end()
    }
  } finally {
    await postgres.close()
  }
}
