import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Database } from '../project/database.ts'
import type { Project } from '../project/project.ts'
import type { Step } from './step.ts'

type Extension = {
  name: string
  schema: string
  probe: string
  needed: boolean
  /** How SQL that calls it looks, as a regular expression: PostgreSQL does not know what the bodies of functions call. */
  called?: string
  /** What else shows that somebody uses it, as an SQL condition. */
  inUse?: string
}

/** What supaqueue leans on. `probe` finds the part that we call, whoever put it there. */
export const extensions: Extension[] = [
  {
    name: 'pgcrypto',
    schema: 'extensions',
    probe: `to_regprocedure('extensions.hmac(text,text,text)')`,
    needed: true,
    called: '(digest|hmac|crypt|gen_salt|encrypt|decrypt|pgp_[a-z_]+|gen_random_bytes|armor|dearmor)[[:space:]]*[(]',
  },
  {
    name: 'pg_net',
    schema: 'extensions',
    probe: `to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)')`,
    needed: true,
    called: 'net[.]http_',
  },
  {
    name: 'supabase_vault',
    schema: 'vault',
    probe: `to_regclass('vault.decrypted_secrets')`,
    needed: true,
    inUse: `exists (select from vault.secrets)`,
  },
  {
    name: 'pg_cron',
    schema: 'pg_catalog',
    probe: `to_regprocedure('cron.schedule(text,text,text)')`,
    needed: false,
    inUse: `exists (select from cron.job)`,
  },
]

// Remembers in the extension itself that it came with us: the note goes when the extension goes.
const MARK = 'put here by supaqueue'

const [needed, optional] = [extensions.filter(({ needed }) => needed), extensions.filter(({ needed }) => !needed)]

export const extensionsStep: Step = {
  name: 'the extensions pgcrypto, pg_net and supabase_vault',

  isInPlace: async ({ db }) => (await missing(db, needed)).length === 0 && !await canClose(db),

  async putInPlace({ db }) {
    for (const extension of await missing(db, needed)) {
      try {
        await enable(db, extension)
      } catch (reason) {
        throw cannotCreate(extension.name, reason as Error)
      }
    }
    if (await canClose(db)) {
      await db.change(`revoke ${CLOSED} on net.http_request_queue, net._http_response from public`)
    }
  },

  takeAway: (project) => disable(project, needed),
}

/** By itself: supaqueue runs without it, and who is told that it is there relies on it. */
export const cronStep: Step = {
  name: 'the extension pg_cron',

  isInPlace: async ({ db }) => (await missing(db, optional)).length === 0,

  async putInPlace({ db }) {
    for (const extension of await missing(db, optional)) {
      try {
        await enable(db, extension)
      } catch (reason) {
        return `it cannot be enabled: ${(reason as Error).message}`
      }
    }
  },

  takeAway: (project) => disable(project, optional),
}

async function enable(db: Database, { name, schema }: Extension): Promise<void> {
  // PostgreSQL refuses to make one of its own schemas, also where it only need not be made.
  if (!schema.startsWith('pg_')) await db.change(`create schema if not exists ${schema}`)
  await db.change(`create extension if not exists ${name} with schema ${schema}`)
  // The platform may own what it lets us create; then it stays when supaqueue goes.
  await db.change(`comment on extension ${name} is '${MARK}'`).catch(() => {})
}

async function disable({ db, note }: Project, which: Extension[]): Promise<boolean> {
  let dropped = false
  for (const extension of which.toReversed()) {
    const { name } = extension
    const [mine] = await db.query(
      `select from pg_extension as e join pg_description as d on d.objoid = e.oid and d.classoid = 'pg_extension'::regclass
       where e.extname = $1 and d.description = $2`,
      [name, MARK],
    )
    if (!mine) continue
    if (!await isInUse(db, extension) && await drops(db, name)) dropped = true
    else note(`The extension ${name} came with supaqueue and stays: something of yours uses it now.`)
  }
  return dropped
}

async function isInUse(db: Database, { called, inUse = 'false' }: Extension): Promise<boolean> {
  const conditions = [inUse]
  if (called) {
    const [cron] = await db.query(`select where to_regclass('cron.job') is not null`)
    conditions.push(
      `exists (
        select from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where p.prosrc ~ '${called}' and n.nspname !~ '^pg_'
          and n.nspname not in ('net', 'extensions', 'vault', 'supaqueue', 'supaqueue_internal'))`,
      ...(cron ? [`exists (select from cron.job where command ~ '${called}')`] : []),
    )
  }
  const [used] = await db.query<{ used: boolean }>(`select ${conditions.join(' or ')} as used`)
  return used?.used === true
}

/** Where something depends on it that PostgreSQL knows of, it stays. */
async function drops(db: Database, name: string): Promise<boolean> {
  try {
    await db.change(`drop extension ${name}`)
    return true
  } catch (reason) {
    if ((reason as { code?: string }).code === '2BP01') return false
    throw reason
  }
}

// What pg_net up to 0.20.5 lets every role do with its tables, and needs itself for nothing.
const CLOSED = 'trigger, references, truncate'

/** Whether every role may put triggers on pg_net's queue, and we may end that. On the platform only its own role may. */
async function canClose(db: Database): Promise<boolean> {
  const [found] = await db.query(
    `select from pg_class cross join lateral aclexplode(relacl) as granted
     where pg_class.oid = to_regclass('net.http_request_queue') and grantee = 0 and privilege_type = 'TRIGGER'
       and pg_has_role(relowner, 'usage')`,
  )
  return found !== undefined
}

/** Which of them are not there. */
export async function missing(db: Database, which: Extension[] = extensions): Promise<Extension[]> {
  const [found = {}] = await db.query<Record<string, boolean>>(
    `select ${which.map(({ name, probe }) => `${probe} is not null as ${name}`).join(', ')}`,
  )
  return which.filter(({ name }) => !found[name])
}

const cannotCreate = (name: string, reason: Error): SupaqueueError =>
  new SupaqueueError(
    'SQ503',
    `the extension ${name} cannot be enabled: ${reason.message}`,
    'Enable it under Database, Extensions in the dashboard, then run the same command again. Is this a PostgreSQL without Supabase? Then: install --stand-alone.',
  )
