import { spawn } from 'node:child_process'
import { burden } from './burden.ts'
import { print, printError } from '../cli/terminal/print.ts'

// pnpm test:load [--proofs] [what vitest takes]: the suite beside a load of 12. A machine's load may make tests slow, never red.

const LOAD = 12

const args = process.argv.slice(2)
if (args.includes('--help')) {
  print(`Usage: pnpm test:load [--proofs] [options and files, as pnpm test takes them]

Runs pnpm test, or with --proofs pnpm test:proofs, while ${LOAD} other processes want a core each. Takes ten times as long.`)
} else {
  const config = args.includes('--proofs') ? ['--config', 'vitest.proofs.config.ts'] : []
  const relieve = burden(LOAD)
  printError(`Beside a load of ${LOAD}.`)
  const suite = spawn('vitest', ['run', ...config, ...args.filter((arg) => arg !== '--proofs')], { stdio: 'inherit' })
  // Ctrl-C reaches the suite as well; we wait until it has ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => suite.kill(signal))
  suite.once('error', (reason) => printError(`${reason.message}\nRun it by pnpm test:load.`))
  suite.once('close', (code) => {
    relieve()
    process.exitCode = code ?? 1
  })
}
