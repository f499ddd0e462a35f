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
  /** The folders that functions may be made of. */
  inside?: string[]
}

const memoryMb = 256

/** @throws Error for a path with a comma: Deno would take it for two, the second of which may be any. */
function list(paths: string[]): string {
  const divided = paths.find((path) => path.includes(','))
  if (divided !== undefined) throw new Error(`NOT STARTED: Deno takes no folder with a comma in its name: ${divided}`)
  return paths.join(',')
}

/** Starts a function's process. It listens on `socketPath`, whatever port its code asks for. */
export function launch(plan: Launch): ChildProcess {
  const { fn, temporary, denoDirectory, inside = [] } = plan
  const sources = inside.filter((folder) => !temporary.startsWith(`${folder}/`))
  return spawn(denoProgram(), [
    'run',
    ...readingFlags(fn),
    '--cached-only',
    '--no-prompt',
    '--allow-env',
    '--allow-sys',
    '--allow-net',
    // Of what was downloaded, packages may read their own files; the rest has code of other projects.
    `--allow-read=${list([join(fn.folder, '..'), join(denoDirectory, 'npm'), temporary, '/tmp'])}`,
    `--allow-write=${list([temporary, '/tmp'])}`,
    // Nothing that is looked at before a start may be another once it is run: a project may itself be in a temporary folder.
    ...(sources.length > 0 ? [`--deny-write=${list(sources)}`] : []),
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

/** In front of what the function finds in its environment, until preload.deno.ts takes it off. */
const SET = 'EDGE_HOST_SET_'

// Nothing of the host's own environment: a function must not work here because of what one developer has exported. And
// nothing of the function's in that of the process: what a project's .env sets, such as LD_PRELOAD or DENO_*, would otherwise
// be heard by the loader and by Deno itself, before there is anything that keeps the function to its permissions.
function childEnvironment({ fn, environment, temporary, socketPath, denoDirectory, ...limits }: Launch) {
  const ofProcess = {
    TMPDIR: temporary,
    NO_COLOR: '1',
    DENO_DIR: denoDirectory,
    DENO_NO_UPDATE_CHECK: '1',
    DENO_NO_PACKAGE_JSON: '1',
    DENO_SERVE_ADDRESS: `unix:${socketPath}`,
    EDGE_HOST_WALL_CLOCK_MS: String(limits.wallClockMs),
    EDGE_HOST_GRACE_MS: String(limits.graceMs),
  }
  const ofFunction = {
    SB_REGION: 'local',
    SB_EXECUTION_ID: randomUUID(),
    DENO_DEPLOYMENT_ID: `local_${fn.name}_1`,
    SUPABASE_FUNCTION_SLUG: fn.name,
    ...environment,
  }
  const hidden = Object.entries(ofFunction).filter(([name]) => !(name in ofProcess))
  return { ...Object.fromEntries(hidden.map(([name, value]) => [`${SET}${name}`, value])), ...ofProcess }
}
