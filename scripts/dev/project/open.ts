import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { home, keep, replacement } from '../../cli/place.ts'
import { type Config, readConfig } from '../../cli/project/config_toml.ts'
import { findProject, isProject } from '../../cli/project/find_project.ts'
import type { DevOptions } from '../command/options.ts'
import type { StackOptions } from '../stack.ts'
import { applyProject, seedsOf } from './apply.ts'
import { expectInside, readInside, repositoryOf } from './expect_inside.ts'
import { projectHosts } from './hosts.ts'

/** What a stack needs to be somebody's project; undefined where the command is called in none. */
export function openProjectFiles(
  options: DevOptions & { databaseUrl?: string },
  cwd: string,
  say: (line: string) => void,
): { folder: string; stack: StackOptions } | undefined {
  const folder = folderOf(options, cwd)
  if (folder === undefined) return undefined
  const file = join(folder, 'supabase/config.toml')
  expectInside(folder, [file])
  const config: Config = existsSync(file) ? readConfig(readInside(folder, file)) : {}
  const functions = options.functions ? resolve(cwd, options.functions) : join(folder, 'supabase/functions')
  if (options.functions && !existsSync(functions)) {
    throw new SupaqueueError(
      'SQ422',
      `there is no folder ${functions}`,
      '--functions names the folder that has one for each function.',
    )
  }
  expectInside(folder, [join(folder, 'supabase/migrations'), ...seedsOf(folder, config)])
  // Named on the command line, they are the user's to name.
  expectInside(options.functions ? functions : folder, [functions])
  const directory = options.databaseUrl ? undefined : dataOf(folder)
  if (options.reset && directory) rmSync(directory, { recursive: true, force: true })
  return {
    folder,
    stack: {
      functions: [functions],
      // As on the platform: what is not among their functions is not there. Without the dispatcher no job would begin.
      own: ['supaqueue'],
      environment: environmentOf(options.functions ? functions : folder, functions),
      postgres: { port: options.port + 1, ...(directory && { directory }) },
      requests: projectHosts,
      replacement: replacement(),
      inside: [folder, functions].map(repositoryOf),
      ...(config.api?.schemas && { schemas: config.api.schemas.filter((schema) => schema !== 'graphql_public') }),
      prepare: ({ adminUrl, ownerUrl }) =>
        applyProject({ folder, config, adminUrl, ownerUrl, skipFailing: options.skipFailing ?? false, say }),
    },
  }
}

function folderOf({ project }: DevOptions, cwd: string): string | undefined {
  if (project !== undefined) {
    const named = resolve(cwd, project)
    if (isProject(named)) return named
    throw new SupaqueueError('SQ404', `${named} has no Supabase project`, 'Make one: npx supabase init.')
  }
  try {
    const found = findProject(cwd)
    return found === home ? undefined : found
  } catch (reason) {
    if (reason instanceof SupaqueueError && reason.code === 'SQ404') return undefined
    throw reason
  }
}

/** A folder for each project. PostgreSQL does not run as root, and who it runs as then does not get into root's own. */
function dataOf(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  return process.getuid?.() === 0 ? join(tmpdir(), `supaqueue-data-${name}`) : join(keep, 'data', name)
}

// What the CLI reads for `functions serve`. Names of its own are not to be set.
function environmentOf(folder: string, functions: string): Record<string, string> {
  const file = join(functions, '.env')
  if (!existsSync(file)) return {}
  const given = Object.entries(parseEnv(readInside(folder, file))) as [string, string][]
  return Object.fromEntries(given.filter(([name]) => !name.startsWith('SUPABASE_') && name !== 'SUPAQUEUE_SECRET'))
}
