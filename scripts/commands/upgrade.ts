import { HintedError } from '../hinted_error.ts'
import type { World } from '../world.ts'
import { install, type InstallOptions } from './install.ts'
import { appliedMigrations } from '../project/ledger.ts'
import { refuseStranger } from '../project/occupant.ts'
import { openProject } from '../project/open.ts'

/** Brings an installation to this release: install, but only where there is one. Returns the exit code. */
export async function upgrade(options: InstallOptions, world: World): Promise<number> {
  const project = await openProject(options, world)
  try {
    await refuseStranger(project.db.query)
    if (await appliedMigrations(project.db) === undefined) {
      throw new HintedError(
        'SQ404',
        `supaqueue is not installed in the project ${project.name}`,
        'There is nothing to upgrade. To put it there: pnpm supaqueue:install.',
      )
    }
  } finally {
    await project.end()
  }
  return await install({ ...options, projectRef: options.local ? undefined : project.name }, world)
}
