import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** What shows that a folder named supabase is that of a project. */
const PARTS = ['config.toml', 'migrations', 'functions', 'seed.sql', 'schemas']

/** How deep a monorepo hides it: apps/web, packages/db, services/api/backend. */
const DEPTH = 3

/**
 * The folder of the Supabase project that is meant from here: this one, one around it, or the only one below it, as in a monorepo.
 * @throws SupaqueueError SQ404 where there is none, SQ422 where there are several
 */
export function findProject(cwd: string): string {
  for (let folder = cwd;; folder = dirname(folder)) {
    if (isProject(folder)) return folder
    // A repository is one's own; what is around it is not.
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) break
  }
  const found = below(cwd, DEPTH)
  if (found.length === 1) return found[0]!
  if (found.length === 0) {
    throw new SupaqueueError(
      'SQ404',
      `there is no Supabase project in ${cwd}, around it or below it`,
      'Make one: npx supabase init. Or name its folder: npx supaqueue init <folder>.',
    )
  }
  const names = found.map((folder) => relative(cwd, folder))
  throw new SupaqueueError(
    'SQ422',
    `there are several Supabase projects here: ${names.join(', ')}`,
    `Name the one that is meant: npx supaqueue init ${names[0]}.`,
  )
}

export const isProject = (folder: string): boolean => PARTS.some((part) => existsSync(join(folder, 'supabase', part)))

function below(folder: string, depth: number): string[] {
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|supabase$|dist$|build$)/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort()
  return inside.flatMap((path) => isProject(path) ? [path] : depth > 1 ? below(path, depth - 1) : [])
}
