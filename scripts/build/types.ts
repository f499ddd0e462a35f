import { writeFile } from 'node:fs/promises'
import { print } from '../cli/terminal/print.ts'
import { generateTypes, typesFile } from './types/generate.ts'
import { withDatabase } from './with_database.ts'

// Writes the types of the database into the kit.
await writeFile(typesFile, await withDatabase(generateTypes))
print('The types of the database are written: supabase/functions/_shared/supaqueue/database_types.ts')
