import type { Cli } from './cli.ts'
import { copyEdgeFunction, type EdgeFunction } from './edge_files.ts'
import type { ManagementApi } from './management_api.ts'

/** A function as it is deployed. `version` counts its deployments. */
export type Deployed = { version: number; verifyJwt: boolean; status: string }

/** The side of the project where functions run. */
export type EdgeFunctions = {
  /** SHA-256 (hex) of each secret by its name: what the platform is willing to tell. */
  secrets(): Promise<Map<string, string>>
  /** Refuses, before anything is done, to be told secrets where others would get to see them. */
  assertKeepsSecrets(): Promise<void>
  setSecrets(values: Record<string, string>): Promise<void>
  unsetSecrets(names: string[]): Promise<void>
  find(name: string): Promise<Deployed | undefined>
  /** Whether a function of the user's own stands where ours would go. `installed` is whether supaqueue is in the database. */
  isTheirs(fn: EdgeFunction, installed: boolean): Promise<boolean>
  /** Deploys a function of ours without the check of JWTs: each checks who calls by itself. */
  deploy(fn: EdgeFunction): Promise<void>
  remove(name: string): Promise<void>
}

export const DISPATCHER = 'supaqueue' satisfies EdgeFunction
export const API = 'supaqueue-api' satisfies EdgeFunction

export function hostedFunctions({ api, cli }: { api: ManagementApi; cli: Cli }): EdgeFunctions {
  return {
    async secrets() {
      const list = await api.get('list the secrets of the functions', '/secrets') as { name: string; value: string }[]
      return new Map(list.map(({ name, value }) => [name, value]))
    },
    assertKeepsSecrets: () => Promise.resolve(),
    async setSecrets(values) {
      const names = Object.keys(values)
      const body = names.map((name) => ({ name, value: values[name] }))
      await api.send(`set ${names.join(', ')} for the functions`, 'POST', '/secrets', body)
    },
    async unsetSecrets(names) {
      await api.send(`unset ${names.join(', ')} of the functions`, 'DELETE', '/secrets', names)
    },
    find,
    // What it is the platform does not tell. Ours is deployed last and deleted first.
    isTheirs: async (fn, installed) => !installed && await find(fn) !== undefined,
    deploy: (fn) =>
      cli(
        `deploy the function ${fn}`,
        ['functions', 'deploy', fn, '--use-api', '--no-verify-jwt'],
        (folder) => copyEdgeFunction(fn, folder),
      ),
    async remove(name) {
      await api.send(`delete the function ${name}`, 'DELETE', `/functions/${name}`)
    },
  }

  async function find(name: string): Promise<Deployed | undefined> {
    const list = await api.get('list the functions', '/functions') as Record<string, unknown>[]
    const found = list.find(({ slug }) => slug === name)
    return found && {
      version: Number(found.version),
      verifyJwt: found.verify_jwt !== false,
      status: String(found.status),
    }
  }
}
