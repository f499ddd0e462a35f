import { createHash } from 'node:crypto'
import type { Database } from './database.ts'

export const VAULT_SECRET = 'supaqueue_secret'
/** Signs calls to URLs. The database makes it, and its receivers may know it. */
export const WEBHOOK_SECRET = 'supaqueue_webhook_secret'

/** The secret that ticks are signed with, as Vault has it; undefined when it has none, or when there is no Vault. */
export async function readVault(db: Database): Promise<string | undefined> {
  const [vault] = await db.query<{ exists: boolean }>(
    `select to_regclass('vault.decrypted_secrets') is not null as exists`,
  )
  if (!vault?.exists) return undefined
  const [row] = await db.query<{ secret: string }>(
    'select decrypted_secret as secret from vault.decrypted_secrets where name = $1',
    [VAULT_SECRET],
  )
  return row?.secret
}

/** Bound as a parameter, so that the secret is part of no statement. */
export async function writeVault(db: Database, secret: string): Promise<void> {
  const [row] = await db.query<{ id: string }>('select id from vault.secrets where name = $1', [VAULT_SECRET])
  if (row) {
    await db.change('select vault.update_secret($1, $2)', [row.id, secret], secret)
  } else {
    await db.change('select vault.create_secret($1, $2, $3)', [
      secret,
      VAULT_SECRET,
      'Signs the ticks that wake the edge function supaqueue. Known to it as SUPAQUEUE_SECRET.',
    ], secret)
  }
}

/** Deletes what Vault has under these names. Says whether there was any. */
export async function clearVault(db: Database, names: string[]): Promise<boolean> {
  const [vault] = await db.query<{ exists: boolean }>(`select to_regclass('vault.secrets') is not null as exists`)
  if (!vault?.exists) return false
  // With the shared signing secret go those of the queues.
  const found = await db.query<{ name: string }>(
    'select name from vault.secrets where name = any ($1) or starts_with(name, $2) and $3 = any ($1)',
    [names, `${WEBHOOK_SECRET}_`, WEBHOOK_SECRET],
  )
  if (found.length > 0) {
    await db.change('delete from vault.secrets where name = any ($1)', [found.map(({ name }) => name)])
  }
  return found.length > 0
}

/** What the platform shows of a secret instead of the secret. */
export const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex')
