import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'
import { init, isInitialized } from './init.ts'
import { install, type InstallOptions } from './install.ts'
import { appliedMigrations } from '../project/ledger.ts'
import { refuseStranger } from '../project/occupant.ts'
import { openProject } from '../project/open.ts'

/**
 * Brings an installation to this release: install, but only where there is one. In a project that has supaqueue in its files, and
 * with no database named, it is the files that are brought there. Returns the exit code.
 */
export async function upgrade(options: InstallOptions, deps: Deps): Promise<number> {
  const { projectRef, dbUrl, local } = options
  const named = projectRef ?? dbUrl ?? deps.env.SUPABASE_PROJECT_ID ?? deps.env.SUPAQUEUE_DB_URL
  if (named === undefined && !local && isInitialized(deps.cwd)) {
    return await init({ ...options, folder: '.', example: false }, deps)
  }
  const project = await openProject(options, deps)
  try {
    await refuseStranger(project.db.query)
    if (await appliedMigrations(project.db) === undefined) {
      throw new SupaqueueError(
        'SQ404',
        `supaqueue is not installed in the project ${project.name}`,
        'There is nothing to upgrade. To put it there: pnpm supaqueue:install.',
      )
    }
  } finally {
    await project.end()
  }
  return await install({ ...options, projectRef: options.local || project.unmanaged ? undefined : project.name }, deps)
}
