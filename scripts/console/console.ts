import { main } from '../cli/main.ts'
import { realWorld } from '../cli/world.ts'

process.exitCode = await main(['console', ...process.argv.slice(2)], realWorld())
