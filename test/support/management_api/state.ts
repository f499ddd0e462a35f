import { createHash, randomUUID } from 'node:crypto'

export type DeployedFunction = {
  id: string
  slug: string
  name: string
  status: 'ACTIVE'
  version: number
  created_at: number
  updated_at: number
  verify_jwt: boolean
  import_map: boolean
  entrypoint_path: string
}

/** What the platform knows of the one project of the mock. */
export type State = {
  ref: string
  token: string
  secrets: Map<string, string>
  functions: Map<string, DeployedFunction>
  schemas: string
  /** Where the pooler listens. */
  database: { host: string; port: number; user: string; name: string }
}

export const projectOf = ({ ref }: State) => ({
  id: ref,
  ref,
  name: 'a project of the tests',
  organization_id: 'org',
  organization_slug: 'org',
  region: 'eu-central-1',
  status: 'ACTIVE_HEALTHY',
  created_at: '2026-01-01T00:00:00Z',
  database: {
    host: `db.${ref}.supabase.test`,
    version: '17.6.1.136',
    postgres_engine: '17',
    release_channel: 'ga',
  },
})

export const secretsOf = ({ secrets }: State) =>
  [...secrets].map(([name, value]) => ({
    name,
    value: createHash('sha256').update(value).digest('hex'),
    updated_at: '2026-01-01T00:00:00Z',
  }))

export const postgrestOf = ({ schemas }: State) => ({
  db_schema: schemas,
  db_extra_search_path: 'public,extensions',
  max_rows: 1000,
  db_pool: null,
  db_pool_acquisition_timeout: 10,
  db_pool_max_lifetime: 1800,
  db_pool_max_idletime: 30,
})

export const poolerOf = ({ ref, database }: State) => [{
  identifier: ref,
  database_type: 'PRIMARY',
  is_using_scram_auth: true,
  db_user: database.user,
  db_host: database.host,
  db_port: database.port,
  db_name: database.name,
  connection_string: 'postgresql://[YOUR-PASSWORD]@',
  connectionString: 'postgresql://[YOUR-PASSWORD]@',
  default_pool_size: 15,
  max_client_conn: 200,
  pool_mode: 'session',
}]

export function deployed(state: State, slug: string, verifyJwt: boolean, entrypoint: string): DeployedFunction {
  const before = state.functions.get(slug)
  const now = Date.now()
  return {
    id: before?.id ?? randomUUID(),
    slug,
    name: slug,
    status: 'ACTIVE',
    version: (before?.version ?? 0) + 1,
    created_at: before?.created_at ?? now,
    updated_at: now,
    verify_jwt: verifyJwt,
    import_map: true,
    entrypoint_path: entrypoint,
  }
}
