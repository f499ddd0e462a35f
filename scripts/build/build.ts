import { buildPackage } from './package/build.ts'
import { print } from '../cli/terminal/print.ts'

await buildPackage()
print('The package is in dist. To see what would be published: npm publish --dry-run')
