import { identifier, literal } from '../database/quote.ts'
import type { Database } from '../project/database.ts'
import type { Project } from '../project/project.ts'

// A role belongs to the whole server: its comment says that it is ours to drop.
const MARK = 'made by supaqueue'

/** Makes a role, and remembers that it came with us. Without what proves a password nobody can log in as it. */
export async function makeRole(db: Database, role: string, verifier?: string): Promise<void> {
  const kind = verifier === undefined ? 'nologin noinherit' : `login password ${literal(verifier)}`
  // Both or nothing: what broke off between them would leave a role that nobody knows for ours.
  await db.change(
    `create role ${identifier(role)} ${kind}; comment on role ${identifier(role)} is ${literal(MARK)}`,
  )
}

/** Those of these roles that came with us. */
export async function ourRoles(db: Database, names: string[]): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select rolname as name from pg_roles
     where rolname = any ($1) and shobj_description(oid, 'pg_authid') = $2 order by rolname`,
    [names, MARK],
  )
  return rows.map(({ name }) => name)
}

/** Drops a role of ours, unless another database of the server, or something of the user's, still relies on it. Says whether it did. */
export async function dropRole({ db, note }: Pick<Project, 'db' | 'note'>, role: string): Promise<boolean> {
  try {
    await db.change(`drop role ${identifier(role)}`)
    return true
  } catch (reason) {
    const { code, message } = reason as Error & { code?: string }
    // What depends on it, and roles that only another role may drop.
    if (code !== '2BP01' && code !== '42501') throw reason
    note(`The role ${role} came with supaqueue and stays: ${message}.`)
    return false
  }
}
