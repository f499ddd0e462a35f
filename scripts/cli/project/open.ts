import { API_ADDON } from '../database/addons.ts'
import { applyDatabase } from '../database/apply.ts'
import type { Deps } from '../deps.ts'
import { askForPassword, askForRef, askForToken, remember } from './prompts.ts'
import { openCli } from './cli.ts'
import { hostedDataApi } from './data_api.ts'
import { openDatabase } from './database.ts'
import { completeUrl, databaseUrlOf, sayInsecurity } from './database_url.ts'
import { hostedFunctions } from './edge.ts'
import { localProject } from './local.ts'
import { openManagementApi } from './management_api.ts'
import { readProfile } from './profile.ts'
import type { Project } from './project.ts'
import { findRunning } from './running.ts'
import { expectUrl, readCount } from './values.ts'

/** What the command line says about which project is meant. */
export type Target = {
  projectRef?: string
  dbUrl?: string
  functionsUrl?: string
  /** The database is not to prove who it is. */
  insecureTls?: boolean
  /** The project runs on this machine, under `supaqueue dev` or `supabase start`. */
  local?: boolean
  /** A PostgreSQL of its own, without Supabase. Known by itself where it was installed so. */
  standAlone?: boolean
  /** Nothing is to be put in place: what is not known is left out. */
  onlyLooks?: boolean
  /** Take over what the supaqueue published in 2024 has in this database. */
  fromPublished?: boolean
  /** Default true. */
  expose?: boolean
  /** Add-ons to install along. */
  with?: string[]
}

/** Where functions answer, if the command line or the environment says so. */
export const givenUrl = ({ functionsUrl }: Target, env: Deps['env']): string | undefined => {
  if (functionsUrl !== undefined) return expectUrl(functionsUrl, '--functions-url')
  const set = env.SUPAQUEUE_FUNCTIONS_URL
  return set ? expectUrl(set, 'SUPAQUEUE_FUNCTIONS_URL') : undefined
}

/** What is to be put into a project, whichever way leads to it. */
export const wishesOf = (
  { with: addons = [], expose = true }: Target,
  url: string,
  { note }: Deps,
): Pick<Project, 'applySql' | 'addons' | 'api' | 'expose' | 'note'> => ({
  applySql: () => applyDatabase(url, undefined, addons),
  addons,
  api: addons.includes(API_ADDON),
  expose,
  note,
})

/** Finds out what is missing, by asking if need be, and opens the project. Nothing is changed by it. */
export async function openProject(target: Target, deps: Deps): Promise<Project> {
  const { env } = deps
  const given = target.dbUrl ?? (env.SUPAQUEUE_DB_URL || undefined)
  if (target.local) {
    const running = given === undefined ? findRunning(deps.cwd) : undefined
    if (running === undefined) return localProject(target, deps)
    const { unmanagedProject } = await import('./unmanaged.ts')
    return await unmanagedProject({ functionsUrl: running.functionsUrl, ...target }, deps, running.databaseUrl)
  }
  // A database is enough; who names the project, too, means all of it.
  if (given !== undefined && !target.projectRef && !env.SUPABASE_PROJECT_ID) {
    const { unmanagedProject } = await import('./unmanaged.ts')
    return await unmanagedProject(target, deps, given)
  }
  const profile = readProfile(env)
  const ref = await askForRef(deps, target.projectRef)
  const token = await askForToken(deps)
  const retries = readCount(env, 'SUPABASE_API_MAX_RETRIES')
  const timeoutMs = readCount(env, 'SUPAQUEUE_TIMEOUT_MS')
  const api = openManagementApi({
    apiUrl: profile.apiUrl,
    ref,
    token,
    ...(retries !== undefined && { retries }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  // The cheapest question that ref and token can fail at, before anybody types a password.
  await api.get(`look up the project ${ref}`, '')

  const url = given
    ? completeUrl(given, env.SUPABASE_DB_PASSWORD, target.insecureTls)
    : await databaseUrlOf({ ref, api, profile, password: await askForPassword(deps) })
  sayInsecurity(url, deps.note)
  const db = openDatabase(url)
  const functionsUrl = givenUrl(target, env) ?? `https://${ref}.${profile.projectHost}/functions/v1`
  remember(deps, { projectRef: ref })

  return {
    name: ref,
    db,
    functionsUrl,
    reachUrl: functionsUrl,
    edge: hostedFunctions({
      api,
      cli: openCli({
        ref,
        token,
        env,
        ...(timeoutMs !== undefined && { timeoutMs }),
      }),
    }),
    dataApi: hostedDataApi(api),
    ...wishesOf(target, url, deps),
    end: db.end,
  }
}
