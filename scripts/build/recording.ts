import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { home } from '../cli/place.ts'
import { freePort } from '../dev/postgres/port.ts'
import { print } from '../cli/terminal/print.ts'
import { spoken } from '../cli/terminal/spoken.ts'
import { drawTerminal } from './recording/svg.ts'

// Writes docs/start/first-job.svg from a real run: a project of its own, `init`, `dev`, and a first job. What differs from run to run
// (keys, ports, versions, what is downloaded once) is left out. With --print it prints the picture instead.

const FIRST_JOB = /^The first job .*$/m
const ONCE = /downloading what it imports$/
const folder = mkdtempSync(join(tmpdir(), 'recording-'))
const port = await freePort()
const program = join(home, 'scripts/cli/supaqueue.ts')
const here = (...args: string[]) => ['--import', join(home, 'node_modules/tsx/dist/loader.mjs'), program, ...args]

try {
  for (const command of ['git', 'supabase']) {
    const path = command === 'git' ? command : join(home, 'node_modules/.bin/supabase')
    execFileSync(path, command === 'git' ? ['init', '--quiet'] : ['init', '--yes'], { cwd: folder, stdio: 'ignore' })
  }
  const written = execFileSync(process.execPath, here('init', '--yes'), { cwd: folder, encoding: 'utf8' })
  const lines = [
    '$ npx supaqueue init --yes',
    ...written.trimEnd().split('\n'),
    '',
    '$ npx supaqueue dev',
    ...(await untilFirstJob()).trimEnd().split('\n'),
  ].filter((line) => !ONCE.test(line)).map((line) => spoken(withoutChance(line), true))
  const picture = drawTerminal(lines)
  if (process.argv.includes('--print')) print(picture.trimEnd())
  else {
    const path = join(home, 'docs/start/first-job.svg')
    writeFileSync(path, picture)
    print(`The recording is written: ${path}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A line as it would be at every run. */
function withoutChance(line: string): string {
  return line
    .replaceAll(folder, '~/app')
    .replace(/migrations\/\d{14}_/, 'migrations/<version>_')
    .replace(/postgres:\w{20,}@/, 'postgres:...@')
    .replace(/127\.0\.0\.1:\d+\/postgres/, '127.0.0.1:54322/postgres')
    .replace(`127.0.0.1:${port}`, '127.0.0.1:54321')
    .replace(/(sb_(?:secret|publishable)_|eyJ)\S{10,}/, '$1...')
    .trimEnd()
}

/** What `dev` prints until the first job has ended. */
async function untilFirstJob(): Promise<string> {
  const child = spawn(process.execPath, here('dev', '--port', String(port)), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (FIRST_JOB.test(printed)) child.kill('SIGTERM')
    })
  }
  await ended
  const found = FIRST_JOB.exec(printed)
  if (!found) throw new Error(`dev ended without a first job:\n${printed}`)
  return printed.slice(0, found.index + found[0].length)
}
