import type { ClientBase } from 'pg'

/** By role, the settings of the roles a request may act as that matter to a request. */
export async function readRoleSettings(client: ClientBase): Promise<Record<string, Record<string, string>>> {
  const { rows } = await client.query<{ role: string; settings: Record<string, string> }>(`
    select rolname as role, json_object_agg(split_part(setting, '=', 1), split_part(setting, '=', 2)) as settings
    from pg_roles, unnest(rolconfig) as setting
    where split_part(setting, '=', 1) in ('statement_timeout', 'default_transaction_isolation')
    group by rolname
  `)
  return Object.fromEntries(rows.map(({ role, settings }) => [role, settings]))
}
