import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { denoProgram } from '../scripts/dev/edge/deno.ts'
import { nodeVersion } from './node.ts'

// Versions are pinned to the digit there.
const { devDependencies: pinned } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** What the figures depend on besides the code: the machine, and the versions of everything that takes part. */
export const facts = async () => ({
  startedAt: new Date().toISOString(),
  commit: run('git', ['rev-parse', '--short', 'HEAD'], import.meta.dirname),
  machine: {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    load: loadavg().map((load) => Math.round(load * 100) / 100),
  },
  versions: {
    node: process.version,
    'node of supaqueue work, graphile-worker and pg-boss': await nodeVersion().catch(() => undefined),
    deno: run(denoProgram(), ['--version'])?.split('\n')[0]?.split(' ')[1],
    ...pinned,
  },
})

export type Facts = Awaited<ReturnType<typeof facts>>

function run(program: string, args: string[], cwd?: string): string | undefined {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
