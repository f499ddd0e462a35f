import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** What runs in hosted projects: PostgreSQL with the real pg_net, Vault and pg_cron. */
const SUPABASE = 'supabase/postgres:17.6.1.136'
const BUILT = 'supaqueue-test-postgres:debian'

/** Whether there is a Docker engine to talk to. */
export const hasEngine = (): boolean => docker('version', '--format', '{{.Server.Version}}')

/**
 * The image that the tests run on, present on this machine: the one named by SUPAQUEUE_TEST_IMAGE, else Supabase's own, else
 * one built from this machine's Debian packages. Throws when none can be had.
 */
export function haveImage(named: string | undefined, say: (line: string) => void): string {
  const wanted = named ?? SUPABASE
  if (docker('image', 'inspect', wanted) || docker('pull', '--quiet', wanted)) return wanted
  if (named) throw new Error(`The image ${named} is not here and cannot be pulled.`)
  say(
    `${wanted} cannot be pulled: an image is built from this machine's Debian packages, without Supabase's extensions.`,
  )
  execFileSync(join(import.meta.dirname, 'build_image.sh'), [BUILT], { stdio: ['ignore', 'inherit', 'inherit'] })
  return BUILT
}

const docker = (...args: string[]): boolean => spawnSync('docker', args, { stdio: 'ignore' }).status === 0
