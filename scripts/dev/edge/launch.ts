import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { preload } from '../../cli/place.ts'
import type { EdgeFunction } from './catalogue.ts'
import { denoProgram, readingFlags } from './deno.ts'

export type Launch = {
  fn: EdgeFunction
  socketPath: string
  /** The only folder a function may write to, besides /tmp. */
  temporary: string
  environment: Record<string, string>
  denoDirectory: string
  wallClockMs: number
  graceMs: number
}

const memoryMb = 256

/** Starts a function's process. It listens on `socketPath`, whatever port its code asks for. */
export function launch(plan: Launch): ChildProcess {
  const { fn, temporary, denoDirectory } = plan
  return spawn(denoProgram(), [
    'run',
    ...readingFlags(fn),
    '--cached-only',
    '--no-prompt',
    '--allow-env',
    '--allow-sys',
    '--allow-net',
    `--allow-read=${[join(fn.folder, '..'), denoDirectory, temporary, '/tmp'].join(',')}`,
    `--allow-write=${[temporary, '/tmp'].join(',')}`,
    '--deny-run',
    '--deny-ffi',
    `--v8-flags=--max-old-space-size=${memoryMb}`,
    '--preload',
    preload,
    fn.entry,
  ], {
    cwd: fn.folder,
    // A session of its own: Ctrl-C in the terminal is for the host, which then ends functions in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment(plan),
  })
}

// Nothing of the host's own environment: a function must not work here because of what one developer has exported.
const childEnvironment = ({ fn, environment, temporary, socketPath, denoDirectory, ...limits }: Launch) => ({
  SB_REGION: 'local',
  SB_EXECUTION_ID: randomUUID(),
  DENO_DEPLOYMENT_ID: `local_${fn.name}_1`,
  SUPABASE_FUNCTION_SLUG: fn.name,
  ...environment,
  TMPDIR: temporary,
  NO_COLOR: '1',
  DENO_DIR: denoDirectory,
  DENO_NO_UPDATE_CHECK: '1',
  DENO_NO_PACKAGE_JSON: '1',
  DENO_SERVE_ADDRESS: `unix:${socketPath}`,
  EDGE_HOST_WALL_CLOCK_MS: String(limits.wallClockMs),
  EDGE_HOST_GRACE_MS: String(limits.graceMs),
})
