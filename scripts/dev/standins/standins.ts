import type pg from 'pg'
import { readOwn } from '../../cli/place.ts'
import { Client } from '../../cli/connection/client.ts'

export type Extension = 'net' | 'vault' | 'cron'
export type Installed = Record<Extension, 'real' | 'stand-in'>

/** The original of each, and what a Supabase project grants on it. */
const originals: Record<Extension, { name: string; create: string }> = {
  net: {
    name: 'pg_net',
    create: `
      create extension pg_net;
      grant usage on schema net to postgres, anon, authenticated, service_role;`,
  },
  vault: {
    name: 'supabase_vault',
    create: `
      create schema if not exists vault;
      create extension supabase_vault with schema vault;
      grant usage on schema vault to postgres, service_role;
      grant select, delete on vault.secrets, vault.decrypted_secrets to postgres, service_role;
      grant execute on function vault.create_secret, vault.update_secret, vault._crypto_aead_det_decrypt
        to postgres, service_role;`,
  },
  cron: {
    name: 'pg_cron',
    create: `
      create extension pg_cron with schema pg_catalog;
      grant usage on schema cron to postgres;
      grant execute on all functions in schema cron to postgres;
      grant select on cron.job to postgres;
      grant all on cron.job_run_details to postgres;`,
  },
}

/**
 * Puts pg_net, Vault and pg_cron into one database: the originals where the server has them ready to run, otherwise
 * their stand-ins. `adminUrl` is a superuser's, of that database. May be called again.
 */
export async function installStandIns(adminUrl: string): Promise<Installed> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    return {
      net: await install(client, 'net'),
      vault: await install(client, 'vault'),
      cron: await install(client, 'cron'),
    }
  } finally {
    await client.end()
  }
}

async function install(client: pg.Client, extension: Extension): Promise<'real' | 'stand-in'> {
  const original = originals[extension]
  const { rows: [server] } = await client.query<{ installed: boolean; ready: boolean }>(
    `select
      exists (select from pg_extension where extname = $1) as installed,
      exists (select from pg_available_extensions where name = $1)
        -- Available, but not loaded at the server's start: it would install and then do nothing.
        and $1 = any (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ',')) as ready`,
    [original.name],
  )
  if (server?.installed) return 'real'
  if (server?.ready) {
    await client.query(original.create)
    return 'real'
  }

  await client.query(readOwn(`scripts/dev/standins/${extension}/${extension}.sql`))
  return 'stand-in'
}
