import { setTimeout as pause } from 'node:timers/promises'
import { tryWake } from '../project/wake.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { refuseStranger } from '../project/occupant.ts'
import { openProject, type Target } from '../project/open.ts'
import { needsPlatform } from '../project/unmanaged.ts'
import { digest, hasEntry, readableVault, writeVault } from '../project/vault.ts'
import { EDGE_SECRET, makeSecret, PREVIOUS_SECRET } from '../steps/secret.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'

export type RotateOptions = Target & {
  yes?: boolean
  /** How long both secrets are good, in seconds. */
  overlapSeconds: number
}

/**
 * Makes a new secret while wake-ups go on. There is no moment at which a wake-up is signed with a secret that the functions do not know.
 * After a failure in the middle the same command begins anew, and fixes it. Returns the exit code.
 */
export async function rotateSecret(options: RotateOptions, deps: Deps): Promise<number> {
  const project = await openProject(options, deps)
  const { db, edge } = project
  try {
    await refuseStranger(db.query)
    if (project.unmanaged) {
      throw needsPlatform(
        'to exchange the secret in the functions',
        project.unmanaged,
        'By hand: set SUPAQUEUE_SECRET_PREVIOUS of the functions to the secret there is and SUPAQUEUE_SECRET to a new one; then SUPAQUEUE_SECRET=<the new one> before supaqueue install; then take SUPAQUEUE_SECRET_PREVIOUS away.',
      )
    }
    const old = await readableVault(db, deps.note)
    if (old === undefined && !await hasEntry(db)) {
      throw new SupaqueueError('SQ404', 'Vault has no secret to exchange', 'Install first: pnpm supaqueue:install.')
    }
    if (!options.yes && !await confirm(deps, `Exchange the secret of the project ${project.name}?`)) {
      return EXIT.declined
    }
    const fresh = makeSecret()
    // Both at once: the new one is known before anything is signed with it, the old one still counts.
    await edge.setSecrets({ [EDGE_SECRET]: fresh, ...old !== undefined && { [PREVIOUS_SECRET]: old } })
    deps.say(
      old === undefined
        ? '[1/3] the functions know the new secret; nobody can sign with the old one'
        : '[1/3] the functions know both secrets',
    )
    await settle(async () => (await edge.secrets()).get(EDGE_SECRET) === digest(fresh))
    // Isolates that are awake may have read their environment before; a wake-up they refuse is sent again by the sweep.
    await writeVault(db, fresh)
    deps.say('[2/3] Postgres signs with the new one')
    await seeTaken(project.db, options.overlapSeconds * 1000, deps)
    if (old !== undefined || (await edge.secrets()).has(PREVIOUS_SECRET)) await edge.unsetSecrets([PREVIOUS_SECRET])
    deps.say('[3/3] the old one counts no more')
    return EXIT.done
  } finally {
    await project.end()
  }
}

async function settle(ask: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 20; tried++) {
    if (await ask()) return
    await pause(500)
  }
  throw new SupaqueueError(
    'SQ504',
    'the platform does not show the new secret',
    'Nothing is broken: the functions know the old one, too. Run pnpm supaqueue:rotate-secret again.',
  )
}

/** Waits until no wake-up signed with the old secret can be under way, and one signed with the new one was taken. */
async function seeTaken(db: Parameters<typeof tryWake>[0], overlapMs: number, deps: Deps): Promise<void> {
  const begin = Date.now()
  deps.progress(`waiting ${Math.round(overlapMs / 1000)} s for what is under way ...`)
  for (;;) {
    const outcome = await tryWake(db)
    const taken = outcome.kind === 'answered' && outcome.status === 202
    const left = overlapMs - (Date.now() - begin)
    if (taken && left <= 0) return
    if (left <= -60_000) {
      throw new SupaqueueError(
        'SQ503',
        'a wake-up signed with the new secret was not taken',
        'Nothing is broken: the functions know both secrets. pnpm supaqueue:doctor says which link is.',
      )
    }
    await pause(Math.max(200, Math.min(left, 2000)))
  }
}
