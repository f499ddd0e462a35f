import { main } from './main.ts'
import { realDeps } from './deps.ts'

process.exitCode = await main(process.argv.slice(2), realDeps())
