import { writeFile } from 'node:fs/promises'
import { print } from '../cli/terminal/print.ts'
import { referencePages } from './reference/pages.ts'
import { withDatabase } from './with_database.ts'

// Writes docs/reference from what it is about: the catalogue of an installation of its own, and the help of the program.
const pages = await withDatabase(referencePages)
for (const [path, text] of pages) await writeFile(path, text)
print(`The reference is written: ${pages.map(([path]) => path).join(', ')}`)
