import { main } from '../cli/main.ts'
import { realDeps } from '../cli/deps.ts'

process.exitCode = await main(['console', ...process.argv.slice(2)], realDeps())
