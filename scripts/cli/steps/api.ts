import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Database } from '../project/database.ts'
import { API } from '../project/edge.ts'
import type { Project } from '../project/project.ts'
import { readSetting, writeSetting } from '../project/setting.ts'
import { isDeployed, seal } from './dispatcher.ts'
import type { Step } from './step.ts'

/** Remembers that the door is wanted, as the add-ons do: a later install brings it to its release. */
const WANTED = 'addon_api'

export const apiStep: Step = {
  name: 'the edge function supaqueue-api, its check of JWTs off',

  async isInPlace({ db, edge, dataApi, expose }) {
    if (!expose && !(await dataApi.schemas()).includes('supaqueue')) throw unreachable()
    return await isDeployed({ db, edge }, API, 'api') && await readSetting(db, WANTED) !== undefined
  },

  async putInPlace({ db, edge }) {
    await edge.deploy(API)
    const deployed = await edge.find(API)
    if (deployed) await writeSetting(db, 'api', seal(API, deployed))
    await writeSetting(db, WANTED, 'on')
  },

  async takeAway({ edge }) {
    if (!await edge.find(API)) return false
    await edge.remove(API)
    return true
  },
}

/** Where only its SQL is ours to install: what serves it is started beside the database. */
export const apiWantedStep: Step = {
  name: 'the SQL of the HTTP API, which later installs keep',
  isInPlace: async ({ db }) => await readSetting(db, WANTED) !== undefined,
  putInPlace: ({ db }) => writeSetting(db, WANTED, 'on'),
  // It goes with the schema.
  takeAway: () => Promise.resolve(false),
}

/** Whether the project is to have the door: it is asked for, or was installed before. */
export const wantsApi = async ({ api, db }: Pick<Project, 'api' | 'db'>): Promise<boolean> => api || await hadApi(db)

async function hadApi(db: Database): Promise<boolean> {
  const [table] = await db.query<{ exists: boolean }>(`select to_regclass('supaqueue.setting') is not null as exists`)
  return table?.exists === true && await readSetting(db, WANTED) !== undefined
}

const unreachable = () =>
  new SupaqueueError(
    'SQ409',
    'the HTTP API asks the database through the schema supaqueue, which the Data API does not serve',
    'Install without --no-expose, or expose the schema supaqueue yourself (Project Settings, Data API).',
  )
