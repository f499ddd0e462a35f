import { writeFile } from 'node:fs/promises'
import { Client } from '../cli/connection/client.ts'
import { applyDatabase } from '../cli/database/apply.ts'
import { startPostgres } from '../dev/postgres.ts'
import { installStandIns } from '../dev/standins/standins.ts'
import { generateTypes, typesFile } from './types/generate.ts'
import { print } from '../cli/terminal/print.ts'

// Writes the types of the database into the kit, from an installation of its own that is gone afterwards.
const postgres = await startPostgres()
try {
  await postgres.createDatabase('types')
  await installStandIns(postgres.urlFor('admin', 'types'))
  await applyDatabase(postgres.urlFor('owner', 'types'), undefined, ['api'])
  const db = new Client({ connectionString: postgres.urlFor('owner', 'types') })
  await db.connect()
  try {
    await writeFile(typesFile, await generateTypes(db))
  } finally {
    await db.end()
  }
} finally {
  await postgres.close()
}
print('The types of the database are written: supabase/functions/_shared/supaqueue/database_types.ts')
