import { z } from 'zod'
import { type Deployment, readDeployment } from './deployment.ts'
import { deployed, poolerOf, postgrestOf, projectOf, secretsOf, type State } from './state.ts'

/** What happens in the project when the platform is told something. */
export type World = {
  secretsChanged(secrets: Map<string, string>): void
  deployed(slug: string, deployment: Deployment): void
  removed(slug: string): void
}

export type Question = { method: string; url: URL; raw: Buffer; contentType: string }
export type Reply = { status: number; body?: unknown }

const secrets = z.array(
  z.strictObject({ name: z.string().regex(/^(?!SUPABASE_)[A-Za-z_]\w*$/), value: z.string().min(1) }),
)
const names = z.array(z.string()).min(1)
const postgrest = z.strictObject({ db_schema: z.string() })

const missing: Reply = { status: 404, body: { message: 'Not Found' } }

/** Answers as the platform does. Throws for a body it would refuse. */
export async function routes(state: State, world: World, { method, url, raw, contentType }: Question): Promise<Reply> {
  const [, ref, path = ''] = /^\/v1\/projects\/([a-z]{20})(\/.*)?$/.exec(url.pathname) ?? []
  if (ref !== state.ref) return missing
  const json = () => JSON.parse(raw.toString() || 'null')

  switch (`${method} ${path}`) {
    case 'GET ':
      return { status: 200, body: projectOf(state) }
    case 'GET /secrets':
      return { status: 200, body: secretsOf(state) }
    case 'POST /secrets':
      for (const { name, value } of secrets.parse(json())) state.secrets.set(name, value)
      world.secretsChanged(state.secrets)
      return { status: 201 }
    case 'DELETE /secrets':
      for (const name of names.parse(json())) state.secrets.delete(name)
      world.secretsChanged(state.secrets)
      return { status: 200 }
    case 'GET /functions':
      return { status: 200, body: [...state.functions.values()] }
    case 'POST /functions/deploy': {
      const slug = url.searchParams.get('slug') ?? ''
      const deployment = await readDeployment(raw, contentType)
      const { verify_jwt, entrypoint_path } = deployment.metadata
      const fn = deployed(state, slug, verify_jwt, entrypoint_path)
      state.functions.set(slug, fn)
      world.deployed(slug, deployment)
      return { status: 201, body: fn }
    }
    case 'GET /postgrest':
      return { status: 200, body: postgrestOf(state) }
    case 'PATCH /postgrest':
      state.schemas = postgrest.parse(json()).db_schema
      return { status: 200, body: postgrestOf(state) }
    case 'GET /config/database/pooler':
      return { status: 200, body: poolerOf(state) }
    case 'GET /branches':
      return { status: 200, body: [] }
  }

  const slug = /^\/functions\/([\w-]+)$/.exec(path)?.[1]
  if (!slug) return missing
  if (method === 'GET') {
    const fn = state.functions.get(slug)
    return fn ? { status: 200, body: fn } : missing
  }
  if (method === 'DELETE' && state.functions.delete(slug)) {
    world.removed(slug)
    return { status: 200, body: { message: 'ok' } }
  }
  return missing
}
