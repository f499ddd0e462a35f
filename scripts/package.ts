import { resolve } from 'node:path'
import { buildPackage } from './package/build.ts'
import { print } from './terminal/print.ts'

// Where it is written may be said: pnpm package <folder>.
const folder = resolve(process.argv[2] ?? '.supaqueue/package')
buildPackage(folder)
print(`The package is in ${folder}. To see what would be published: npm publish --dry-run ${folder}`)
