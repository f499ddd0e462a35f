import { createHash } from 'node:crypto'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Database } from './database.ts'

export const VAULT_SECRET = 'supaqueue_secret'
/** Signs calls to URLs. The database makes it, and its receivers may know it. */
export const WEBHOOK_SECRET = 'supaqueue_webhook_secret'

/**
 * The secret that wake-ups are signed with, as Vault has it; undefined when it has none, or when there is no Vault.
 *
 * @throws SupaqueueError SQ409 where it is there and cannot be decrypted: a dump carries what Vault has, and not its key
 */
export async function readVault(db: Database): Promise<string | undefined> {
  const [vault] = await db.query<{ exists: boolean }>(
    `select to_regclass('vault.decrypted_secrets') is not null as exists`,
  )
  if (!vault?.exists) return undefined
  const [known] = await db.query('select from vault.secrets where name = $1', [VAULT_SECRET])
  if (!known) return undefined
  let row: { secret: string | null } | undefined
  try {
    ;[row] = await db.query<{ secret: string | null }>(
      'select decrypted_secret as secret from vault.decrypted_secrets where name = $1',
      [VAULT_SECRET],
    )
  } catch (reason) {
    const { code, message } = reason as Error & { code?: string }
    // What the data is like (22), and what an outer routine makes of it (38, 39): not lost connections and lacking rights.
    if (!/^(22|38|39|XX)/.test(code ?? '')) throw reason
    throw undecryptable(message)
  }
  if (row?.secret === null) throw undecryptable('it gives nothing')
  return row?.secret
}

/** The same; one that cannot be decrypted is as good as none to whoever is about to write another. */
export async function readableVault(db: Database, note: (line: string) => void): Promise<string | undefined> {
  try {
    return await readVault(db)
  } catch (reason) {
    if (!(reason instanceof SupaqueueError)) throw reason
    note(`${reason.message}. A new one takes its place.`)
    return undefined
  }
}

const undecryptable = (why: string): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `Vault cannot decrypt the secret ${VAULT_SECRET}: it was encrypted under another key, as after a restore into another project (${why})`,
    'To have a new one made, on both sides: pnpm supaqueue:rotate-secret. Other secrets in Vault are likely to be unreadable, too.',
  )

/** Whether Vault has it, readable or not. */
export async function hasEntry(db: Database): Promise<boolean> {
  const [vault] = await db.query<{ exists: boolean }>(`select to_regclass('vault.secrets') is not null as exists`)
  if (!vault?.exists) return false
  return (await db.query('select from vault.secrets where name = $1', [VAULT_SECRET])).length > 0
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
      'Signs the wake-ups that wake the edge function supaqueue. Known to it as SUPAQUEUE_SECRET.',
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
