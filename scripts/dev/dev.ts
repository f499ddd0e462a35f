import { main } from '../cli/main.ts'
import { realWorld } from '../cli/world.ts'

process.exitCode = await main(['dev', ...process.argv.slice(2)], realWorld())
