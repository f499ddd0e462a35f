import { randomUUID } from 'node:crypto'
import { ask } from './ask.ts'
import type { Harness } from './harness.ts'

type Door = Partial<{
  max_bytes: number
  schema: unknown
  per_minute: number
  per_address: number
  max_delay: string
  show_result: boolean
  may_cancel: boolean
  live: boolean
  may_signal: string
}>

/** Opens a queue, that of a user by default. */
export const allow = (harness: Harness, queue: string, door: Door = {}, role = 'authenticated'): Promise<void> =>
  ask(harness, 'allow', { queue, role, ...door })

/** A queue that is open. */
export async function openQueue(harness: Harness, door: Door = {}, role = 'authenticated'): Promise<string> {
  const queue = await harness.queue()
  await allow(harness, queue, door, role)
  return queue
}

/** From here on a session acts for a user, as PostgREST has it do for a token. Returns the user. */
export async function signIn(session: Harness, user: string = randomUUID()): Promise<string> {
  await claim(session, { role: 'authenticated', sub: user })
  return user
}

export async function claim(session: Harness, claims: unknown): Promise<void> {
  await session.db.query(`select set_config('request.jwt.claims', $1, false)`, [JSON.stringify(claims)])
}

/** The four functions, by name, with named arguments. */
export async function call(
  session: Harness,
  name: 'enqueue' | 'status' | 'cancel' | 'signal',
  named: Record<string, unknown>,
) {
  const names = Object.keys(named)
  const { rows: [row] } = await session.db.query(
    `select * from public.supaqueue_${name}(${names.map((argument, i) => `${argument} => $${i + 1}`).join(', ')})`,
    Object.values(named),
  )
  return name === 'status' ? row : row[`supaqueue_${name}`]
}

/** Which of the roles may run the functions of the doors; fails when they may run some of them only. */
export async function admitted(harness: Harness): Promise<string[]> {
  const { rows } = await harness.db.query(
    `select role, array_agg(distinct has_function_privilege(role, oid, 'execute')) as may
     from pg_proc, unnest('{anon, authenticated}'::text[]) as role
     where pronamespace = 'public'::regnamespace and proname in ('supaqueue_enqueue', 'supaqueue_status', 'supaqueue_cancel', 'supaqueue_signal')
     group by role order by role`,
  )
  for (const { role, may } of rows) if (may.length > 1) throw new Error(`${role} may run some functions of doors only`)
  return rows.filter(({ may }) => may[0]).map(({ role }) => role)
}
