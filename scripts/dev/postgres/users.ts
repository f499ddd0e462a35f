import { randomBytes } from 'node:crypto'

export type Role = 'admin' | 'owner' | 'authenticator'

/** The roles that log in, by what they are for. */
export const users: Record<Role, string> = {
  admin: 'supabase_admin',
  owner: 'postgres',
  authenticator: 'authenticator',
}

/** A new password for each. They are kept in memory only. */
export const makePasswords = (): Record<Role, string> => ({
  admin: secret(),
  owner: secret(),
  authenticator: secret(),
})

const secret = () => randomBytes(24).toString('hex')
