import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { identifier } from '../database/quote.ts'
import type { Database } from '../project/database.ts'
import type { Project } from '../project/project.ts'
import { dropRole, makeRole, ourRoles } from './roles.ts'
import type { Step } from './step.ts'

const ROUNDS = 4096

/** What a login role may be for: one function each. */
const PURPOSES = {
  worker: { may: 'may take turns', signature: 'supaqueue_internal.direct_turn(jsonb)' },
  api: { may: 'may serve the HTTP API', signature: 'supaqueue_internal.direct_api(text,jsonb)' },
} as const

type Purpose = keyof typeof PURPOSES

/**
 * A login role that may call one function, and nothing else: `worker` for `supaqueue work`, or SUPAQUEUE_DB_URL of the edge
 * function; `api` for `supaqueue api`. One role may be both.
 */
export const loginRoleStep = (purpose: Purpose, role: string, password: () => Promise<string>): Step => {
  const { may, signature } = PURPOSES[purpose]
  return {
    name: `the role ${role}, which ${may} and nothing else`,

    async isInPlace({ db }) {
      const [found] = await db.query(
        `select from pg_roles
         where rolname = $1 and rolcanlogin
           and has_schema_privilege(oid, to_regnamespace('supaqueue_internal'), 'usage')
           and has_function_privilege(oid, to_regprocedure($2), 'execute')`,
        [role, signature],
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
      await db.change(`grant execute on function ${signature} to ${identifier(role)}`)
    },

    takeAway,
  }

  async function takeAway({ db, note }: Project, { keepData }: { keepData: boolean }): Promise<boolean> {
    const granted = (await loginRoles(db)).filter(({ name }) => name === role)
    if (granted.length === 0) return false
    if (keepData) {
      const options = granted.map(({ purpose }) => `--${purpose}-role ${role}`).join(' ')
      note(`The role ${role} stays, without a function to call. To give it back: install ${options}`)
      return false
    }
    for (const { purpose } of granted) {
      await db.change(`revoke execute on function ${PURPOSES[purpose].signature} from ${identifier(role)}`)
    }
    await db.change(`revoke usage on schema supaqueue_internal from ${identifier(role)}`)
    const [ours] = await ourRoles(db, [role])
    return ours !== undefined && await dropRole({ db, note }, role)
  }
}

/** The same for each role that has such rights here, to be taken away. One that the user had made loses them, and stays. */
export async function loginRolesBack({ db }: Pick<Project, 'db'>): Promise<Step[]> {
  const steps = new Map<string, Step>()
  for (const { name, purpose } of await loginRoles(db)) {
    if (!steps.has(name)) {
      steps.set(name, loginRoleStep(purpose, name, () => Promise.reject(new Error('no password is needed'))))
    }
  }
  return [...steps.values()]
}

/** Who may call one of these functions because it was told so, beside the owner and service_role. */
async function loginRoles(db: Database): Promise<{ name: string; purpose: Purpose }[]> {
  const found: { name: string; purpose: Purpose }[] = []
  for (const purpose of Object.keys(PURPOSES) as Purpose[]) {
    const rows = await db.query<{ name: string }>(
      `select distinct r.rolname as name
       from pg_proc as p
       cross join lateral aclexplode(p.proacl) as granted
       join pg_roles as r on r.oid = granted.grantee
       where p.oid = to_regprocedure($1) and r.oid <> p.proowner and r.rolcanlogin
       order by 1`,
      [PURPOSES[purpose].signature],
    )
    for (const { name } of rows) found.push({ name, purpose })
  }
  return found
}

/** What PostgreSQL keeps of a password. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ROUNDS, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}
