import type { Database } from '../project/database.ts'
import type { Project } from '../project/project.ts'
import { readSetting, writeSetting } from '../project/setting.ts'
import { dropRole, makeRole, ourRoles } from './roles.ts'
import type { Step } from './step.ts'

// Roles of the Data API: what they may do is part of the schema, whether or not anybody becomes one.
const API_ROLES = ['anon', 'authenticated', 'service_role']

const SETTING = 'stand_alone'

/**
 * Whether this database was installed as a PostgreSQL of its own: no edge functions, and processes do all the work. Roles of the
 * Data API that came with us say so before the setting can: an installation may have been cut off between the two.
 */
export const isStandAlone = async (db: Database): Promise<boolean> =>
  await isMarked(db) || (await ourRoles(db, API_ROLES)).length > 0

const isMarked = async (db: Database): Promise<boolean> => await readSetting(db, SETTING) !== undefined

/** The roles that a project of Supabase has, where they are not there. Nobody can log in as one. */
export const apiRolesStep: Step = {
  name: `the roles ${API_ROLES.join(', ')}`,

  isInPlace: async ({ db }) => (await missing(db)).length === 0,

  async putInPlace({ db }) {
    for (const role of await missing(db)) await makeRole(db, role)
    const [{ may } = { may: false }] = await db.query<{ may: boolean }>(
      'select rolsuper or rolbypassrls and rolcreaterole as may from pg_roles where rolname = current_user',
    )
    // Only who has it may give it. Without it who becomes service_role calls functions, and reads no table.
    if (may && (await ourRoles(db, ['service_role'])).length > 0) await db.change('alter role service_role bypassrls')
  },

  async takeAway({ db, note }: Project, { keepData }) {
    if (keepData) return false
    let dropped = false
    for (const role of await ourRoles(db, API_ROLES)) dropped = await dropRole({ db, note }, role) || dropped
    return dropped
  },
}

async function missing(db: Database): Promise<string[]> {
  const known = await db.query<{ name: string }>('select rolname as name from pg_roles where rolname = any ($1)', [
    API_ROLES,
  ])
  return API_ROLES.filter((role) => !known.some(({ name }) => name === role))
}

/** What functions and commands know it by. */
export const standAloneStep: Step = {
  name: 'the setting stand_alone: processes do the work, and no edge function is woken',
  isInPlace: ({ db }) => isMarked(db),
  putInPlace: ({ db }) => writeSetting(db, SETTING, 'on'),
  async takeAway({ db }) {
    if (!await isMarked(db)) return false
    await db.change('delete from supaqueue.setting where name = $1', [SETTING])
    return true
  },
}
