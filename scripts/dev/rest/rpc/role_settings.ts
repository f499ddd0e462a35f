import type { ClientBase } from 'pg'

/** By role, the settings of the roles a request may act as that matter to a request. */
export async function readRoleSettings(client: ClientBase): Promise<Record<string, Record<string, string>>> {
  const { rows } = await client.query<{ role: string; timeout: string }>(`
    select rolname as role, split_part(setting, '=', 2) as timeout
    from pg_roles, unnest(rolconfig) as setting
    where setting like 'statement\\_timeout=%'
  `)
  return Object.fromEntries(rows.map(({ role, timeout }) => [role, { statement_timeout: timeout }]))
}
