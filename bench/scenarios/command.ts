import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildPackage } from '../../scripts/build/package/build.ts'
import { home } from '../../scripts/cli/place.ts'
import { withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, short, spread } from '../stats.ts'

export const command: Scenario = {
  name: 'command',
  about: 'what the packed command line costs before its first statement, and in all',
  measure: (bench) =>
    withCopies(async (makeCopy) => {
      const { ownerUrl } = await makeCopy()
      const folder = mkdtempSync(join(tmpdir(), 'bench-'))
      try {
        await buildPackage(join(folder, 'dist'))
        copyFileSync(join(home, 'package.json'), join(folder, 'package.json'))
        return await measure(bench, join(folder, 'dist/bin.js'), ownerUrl)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
}

/** Seconds of processor time of one process, all its threads: when it sent its first statement, and when it ended. */
type Used = { first: number; whole: number }

async function measure({ options, say }: Bench, program: string, url: string): Promise<Finding> {
  const commands = [['status'], ['failures'], ['status', '--json']]
  const seen = commands.map((args) => ({ args, used: [] as Used[] }))
  for (let round = 0; round < (options.rounds ?? (options.quick ? 2 : 20)); round++) {
    for (const { args, used } of seen) used.push(await run([program, ...args], url))
    say(`round ${round + 1}: done`)
  }
  const first = median(seen[0]!.used.map(({ first }) => first))
  return {
    tables: [{
      title: 'The command line as it is packed: seconds of processor time',
      columns: ['', 'before its first statement', 'in all'],
      rows: seen.map(({ args, used }) => [
        `supaqueue ${args.join(' ')}`,
        spread(used.map(({ first }) => first)),
        spread(used.map(({ whole }) => whole)),
      ]),
      notes: ['Node starting is in it. What npx takes before that is not.'],
    }],
    targets: [{
      claim: 'status: under 0.4 s of processor time before its first statement',
      reached: `${short(first)} s`,
      held: first < 0.4,
    }],
    samples: Object.fromEntries(seen.map(({ args, used }) => [args.join(' '), used])),
  }
}

// Runs in the measured process before it: a message of PostgreSQL that begins with P or Q is a statement.
const WATCH = `
  import { Socket } from 'node:net'
  const seconds = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6 }
  const { write } = Socket.prototype
  let first
  Socket.prototype.write = function (data, ...rest) {
    if (first === undefined && (data[0] === 0x50 || data[0] === 0x51)) first = seconds()
    return write.call(this, data, ...rest)
  }
  process.on('exit', () => process.stderr.write('\\n' + JSON.stringify({ first, whole: seconds() })))`

async function run(args: string[], url: string): Promise<Used> {
  const watch = `data:text/javascript,${encodeURIComponent(WATCH)}`
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', watch, ...args], {
    env: { PATH: process.env.PATH, SUPAQUEUE_DB_URL: url },
  })
  const used: Partial<Used> = JSON.parse(stderr.slice(stderr.lastIndexOf('\n') + 1))
  if (used.first === undefined || used.whole === undefined) throw new Error(`no statement was seen: ${stderr}`)
  return { first: used.first, whole: used.whole }
}
