import { createHash } from 'node:crypto'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { plain } from '../terminal/plain.ts'
import type { Deps } from '../deps.ts'
import { type Config, editConfig, portOf, readConfig } from './config_toml.ts'
import type { DataApi } from './data_api.ts'
import { openDatabase } from './database.ts'
import { completeUrl, sayInsecurity } from './database_url.ts'
import { digest } from './vault.ts'
import { API, DISPATCHER, type EdgeFunctions } from './edge.ts'
import type { EdgeFunction } from './edge_files.ts'
import { readVariable, variablesOf, withoutVariables, withVariables } from './env_file.ts'
import { functionFolder, ownerOf, writeFunctionFolder } from './function_folder.ts'
import { forgetIgnored, keepFromGit, outsideGit } from './git.ts'
import { givenUrl, type Target, wishesOf } from './open.ts'
import type { Project } from './project.ts'
import { openWorkdir, type Workdir } from './workdir.ts'

const CONFIG = 'supabase/config.toml'
// Read by `supabase start` and `supabase functions serve`.
const ENV = 'supabase/functions/.env'

/** The API's gateway, as the containers of the stack know it. */
export const LOCAL_FUNCTIONS_URL = 'http://api.supabase.internal:8000/functions/v1'

/** The project in the current folder, as it runs under `supabase start`: its database, and files in place of a platform. */
export function localProject(target: Target, deps: Deps): Project {
  const workdir = openWorkdir(deps.cwd, (line) => deps.note(plain(`        ${line}`)))
  const config = readConfig(workdir.read(CONFIG) ?? '')
  const url = completeUrl(
    target.dbUrl ?? (deps.env.SUPAQUEUE_DB_URL || undefined) ??
      `postgresql://postgres:postgres@127.0.0.1:${portOf(config.db?.port, 54_322, deps.env)}/postgres`,
    undefined,
    target.insecureTls,
  )
  sayInsecurity(url, deps.note)
  const db = openDatabase(url)
  const given = givenUrl(target, deps.env)
  const restart = () =>
    deps.note('        Restart the functions to make it count: npx supabase stop && npx supabase start')

  return {
    name: 'local',
    db,
    functionsUrl: given ?? LOCAL_FUNCTIONS_URL,
    reachUrl: given ?? `http://127.0.0.1:${portOf(config.api?.port, 54_321, deps.env)}/functions/v1`,
    edge: localFunctions(workdir, restart),
    dataApi: localDataApi(workdir, restart),
    ...wishesOf(target, url, deps),
    end: db.end,
  }
}

function localFunctions(workdir: Workdir, restart: () => void): EdgeFunctions {
  const text = () => workdir.read(ENV) ?? ''

  return {
    secrets: () =>
      Promise.resolve(
        new Map(variablesOf(text()).map((name) => [name, digest(readVariable(text(), name) ?? '')])),
      ),
    async assertKeepsSecrets() {
      await Promise.resolve(outsideGit(workdir, [ENV]))
    },
    setSecrets(values) {
      keepFromGit(workdir, ENV)
      workdir.write(ENV, withVariables(text(), values), { secret: true })
      restart()
      return Promise.resolve()
    },
    unsetSecrets(names) {
      const kept = withoutVariables(text(), names)
      if (kept === '') workdir.remove(ENV)
      else workdir.write(ENV, kept, { secret: true })
      forgetIgnored(workdir)
      return Promise.resolve()
    },
    isTheirs: (fn) => Promise.resolve(ownerOf(workdir, fn) === 'the user'),
    find(name) {
      const fn = isOurs(name) ? name : undefined
      if (!fn || ownerOf(workdir, fn) !== 'us') return Promise.resolve(undefined)
      const texts = workdir.files(functionFolder(fn)).map((
        file,
      ) => [file, workdir.read(`${functionFolder(fn)}/${file}`)])
      const { functions } = readConfig(workdir.read(CONFIG) ?? '')
      return Promise.resolve({
        // Files have no version; what they say stands for one.
        version: parseInt(createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12), 16),
        verifyJwt: functions?.[fn]?.verify_jwt !== false,
        status: 'ACTIVE',
      })
    },
    deploy(fn) {
      writeFunctionFolder(workdir, fn)
      edit(workdir, (config) => declareFunction(config, fn))
      restart()
      return Promise.resolve()
    },
    remove(name) {
      if (!isOurs(name)) return Promise.resolve()
      workdir.remove(functionFolder(name))
      edit(workdir, (config) => {
        delete config.functions?.[name]
        if (Object.keys(config.functions ?? {}).length === 0) delete config.functions
      })
      return Promise.resolve()
    },
  }
}

const localDataApi = (workdir: Workdir, restart: () => void): DataApi => ({
  schemas() {
    const { api } = readConfig(workdir.read(CONFIG) ?? '')
    return Promise.resolve(api?.enabled === false ? [] : api?.schemas ?? ['public', 'graphql_public'])
  },
  setSchemas(schemas) {
    edit(workdir, (config) => config.api = { ...config.api, schemas })
    restart()
    return Promise.resolve()
  },
})

const isOurs = (name: string): name is EdgeFunction => name === DISPATCHER || name === API

/** The entry of a function of ours: each checks who calls by itself, and is called with what is no JWT. */
export function declareFunction(config: Config, fn: EdgeFunction): void {
  // Of a function of the user's that stood here before.
  const { entrypoint: _, ...before } = config.functions?.[fn] ?? {}
  config.functions = {
    ...config.functions,
    [fn]: {
      ...before,
      verify_jwt: false,
      import_map: `./functions/${fn}/deno.json`,
    },
  }
}

function edit(workdir: Workdir, change: (config: Config) => void): void {
  const text = workdir.read(CONFIG)
  if (text === undefined) throw new SupaqueueError('SQ404', `${CONFIG} is gone`, 'Put it back, or: npx supabase init.')
  workdir.write(CONFIG, editConfig(text, change))
}
