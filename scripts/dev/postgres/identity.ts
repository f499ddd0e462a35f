import { execFileSync, spawnSync } from 'node:child_process'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** Who the server runs as: nothing to change for an ordinary user, another user's ids for root. */
export type Identity = { uid?: number; gid?: number }

/**
 * PostgreSQL refuses to run as root. `nobody` is there on every Linux and macOS, so root needs no user of its own
 * for it, and none stays behind.
 */
export function serverIdentity(): Identity {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })) | 0
  return { uid: id('-u'), gid: id('-g') }
}

/** Whether this user gets as far as this file or directory and may execute or enter it. */
export const canReach = (path: string, identity: Identity): boolean =>
  spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { ...identity, cwd: '/' }).status === 0

/** Fails with the error SQ409 if the server's user cannot enter the directory. */
export function expectReach(directory: string, identity: Identity): void {
  if (canReach(directory, identity)) return
  throw new SupaqueueError(
    'SQ409',
    `PostgreSQL does not run as root, and the user it runs as instead (nobody) cannot enter ${directory}.`,
    'Choose a directory below one that everybody may enter, for instance TMPDIR=/tmp.',
  )
}
