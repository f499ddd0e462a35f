import { randomBytes } from 'node:crypto'
import { clearVault, digest, readableVault, VAULT_SECRET, WEBHOOK_SECRET, writeVault } from '../project/vault.ts'
import type { Step } from './step.ts'

export const EDGE_SECRET = 'SUPAQUEUE_SECRET'
export const PREVIOUS_SECRET = 'SUPAQUEUE_SECRET_PREVIOUS'

export const makeSecret = (): string => randomBytes(32).toString('hex')

export const secretStep: Step = {
  name: 'the secret, in the functions as SUPAQUEUE_SECRET and in Vault as supaqueue_secret',

  async isInPlace({ db, edge }) {
    // One that cannot be decrypted is not in place; why, is told by what puts another there.
    const known = await readableVault(db, () => {})
    return known !== undefined && (await edge.secrets()).get(EDGE_SECRET) === digest(known)
  },

  async putInPlace({ db, edge, note }) {
    const known = await readableVault(db, note)
    const secret = known ?? makeSecret()
    // The functions first: they must know the secret before Postgres starts to sign with it.
    await edge.setSecrets({ [EDGE_SECRET]: secret })
    if (known === undefined) await writeVault(db, secret)
  },

  async takeAway({ db, edge }, { keepData }) {
    // Queues that stay go on with what their receivers know.
    const known = await clearVault(db, keepData ? [VAULT_SECRET] : [VAULT_SECRET, WEBHOOK_SECRET])
    const secrets = await edge.secrets()
    const ours = [EDGE_SECRET, PREVIOUS_SECRET].filter((name) => secrets.has(name))
    if (ours.length > 0) await edge.unsetSecrets(ours)
    return known || ours.length > 0
  },
}
