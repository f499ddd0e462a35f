import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { identifier, literal } from '../database/quote.ts'
import type { Step } from './step.ts'

const ROUNDS = 4096

/** A login role that may take turns, and nothing else: for `supaqueue work`, or SUPAQUEUE_DB_URL of the edge function. */
export const workerRoleStep = (role: string, password: () => Promise<string>): Step => ({
  name: `the role ${role}, which may take turns and nothing else`,

  async isInPlace({ db }) {
    const [found] = await db.query(
      `select from pg_roles
       where rolname = $1 and rolcanlogin
         and has_schema_privilege(oid, to_regnamespace('supaqueue_internal'), 'usage')
         and has_function_privilege(oid, to_regprocedure('supaqueue_internal.direct_turn(jsonb)'), 'execute')`,
      [role],
    )
    return found !== undefined
  },

  async putInPlace({ db, dry }) {
    const [known] = await db.query('select from pg_roles where rolname = $1', [role])
    // The server, its log and whoever looks get what proves the password, and not the password.
    if (!known) {
      const verifier = dry ? '***' : scramVerifier(await password())
      await db.change(`create role ${identifier(role)} login password ${literal(verifier)}`)
    }
    await db.change(`grant usage on schema supaqueue_internal to ${identifier(role)}`)
    await db.change(`grant execute on function supaqueue_internal.direct_turn(jsonb) to ${identifier(role)}`)
  },

  takeAway: () => Promise.resolve(false),
})

/** What PostgreSQL keeps of a password. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ROUNDS, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}
