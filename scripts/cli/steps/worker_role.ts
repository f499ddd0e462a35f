import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { identifier } from '../database/quote.ts'
import type { Database } from '../project/database.ts'
import type { Project } from '../project/project.ts'
import { dropRole, makeRole, ourRoles } from './roles.ts'
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
      await makeRole(db, role, verifier)
    }
    await db.change(`grant usage on schema supaqueue_internal to ${identifier(role)}`)
    await db.change(`grant execute on function supaqueue_internal.direct_turn(jsonb) to ${identifier(role)}`)
  },

  async takeAway({ db, note }, { keepData }) {
    if (!(await workerRoles(db)).includes(role)) return false
    if (keepData) {
      note(`The role ${role} stays, without a function to call. To give it back: install --worker-role ${role}`)
      return false
    }
    await db.change(`revoke execute on function supaqueue_internal.direct_turn(jsonb) from ${identifier(role)}`)
    await db.change(`revoke usage on schema supaqueue_internal from ${identifier(role)}`)
    const [ours] = await ourRoles(db, [role])
    return ours !== undefined && await dropRole({ db, note }, role)
  },
})

/** The same for each role that has these rights here, to be taken away. One that the user had made loses them, and stays. */
export const workerRolesBack = async ({ db }: Project): Promise<Step[]> =>
  (await workerRoles(db)).map((role) => workerRoleStep(role, () => Promise.reject(new Error('no password is needed'))))

/** Who may take turns because it was told so, beside the owner and service_role. */
async function workerRoles(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select distinct r.rolname as name
     from pg_proc as p
     cross join lateral aclexplode(p.proacl) as granted
     join pg_roles as r on r.oid = granted.grantee
     where p.oid = to_regprocedure('supaqueue_internal.direct_turn(jsonb)') and r.oid <> p.proowner and r.rolcanlogin
     order by 1`,
  )
  return rows.map(({ name }) => name)
}

/** What PostgreSQL keeps of a password. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ROUNDS, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}
