import { OpenAPIHono, z } from '@hono/zod-openapi'
import { scopes } from './caller.ts'
import { limits } from './limits.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().openapi({ description: 'SQ and the HTTP status, or a code of PostgreSQL.', example: 'SQ404' }),
  hint: z.string().openapi({ description: 'What to do about it.' }),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
}).openapi('Problem')

const PROBLEMS: Record<number, string> = {
  400: 'The body cannot be read',
  401: 'No key, or one that is not known',
  403: 'The key does not have the scope',
  404: 'What is named is not there',
  409: 'Does not fit the state things are in',
  413: 'Too large',
  422: 'Not as documented, or not to be stored',
  429: 'The key makes more requests than its max_rps allows',
  431: 'Too many headers',
  500: 'A defect of the function, or it is not set up',
  503: 'The database does not answer',
}

/** The OpenAPI 3.1 document of the door: the same whenever it is asked for. */
export function openApiDocument() {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono()
  openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' })
  openAPIRegistry.registerComponent('securitySchemes', 'apikey', { type: 'apiKey', in: 'header', name: 'apikey' })
  openAPIRegistry.register('Problem', problem)
  for (const [status, description] of Object.entries(PROBLEMS)) {
    openAPIRegistry.registerComponent('responses', status, {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    })
  }
  for (const route of routes) openAPIRegistry.registerPath(operationOf(route))
  openAPIRegistry.registerPath({
    ...operationOf({ ...metrics, answer: z.string() }),
    responses: {
      200: { description: 'All is well', content: { 'text/plain': { schema: z.string() } } },
      ...problemsOf(metrics),
    },
  })
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'supaqueue',
      version: '0.2.0',
      description: [
        'A job queue inside a Supabase project that calls its edge functions.',
        `Every request shows a key: the project's secret key, or one from \`select supaqueue.create_api_key('<name>', '{${scopes}}')\` with the scope the operation asks for.`,
        'A POST with an `Idempotency-Key` is done once; sent again within 24 hours, it is answered the same again.',
        `A body has at most ${limits.bodyBytes} bytes, a batch ${limits.batch} jobs, a request ${limits.headers} headers.`,
      ].join('\n\n'),
    },
    servers: [{ url: '/functions/v1/supaqueue-api' }],
    security: [{ key: [] }, { apikey: [] }],
    tags: [
      { name: 'Jobs', description: 'Jobs and batches' },
      { name: 'Queues', description: 'Queues, and what their jobs failed of' },
      { name: 'Tasks', description: 'The routes and words of pgmq-taskq' },
      { name: 'Metrics' },
    ],
  })
}

const metrics = {
  id: 'getMetrics',
  method: 'get',
  path: '/metrics',
  tag: 'Metrics',
  summary: 'Counters and gauges, as Prometheus text',
  scope: 'metrics',
  status: 200,
} as const

function operationOf(route: Route) {
  const { method, path, id, tag, summary, description, scope, params, query, body, status, answer } = route
  return {
    method,
    path,
    operationId: id,
    tags: [tag],
    summary,
    description: [description, `Scope: \`${scope}\`.`].filter(Boolean).join(' '),
    request: {
      params,
      query,
      ...method === 'post' && { headers: idempotency },
      ...body && { body: { required: !body.safeParse({}).success, content: { 'application/json': { schema: body } } } },
    },
    responses: {
      [status]: { description: 'All is well', content: { 'application/json': { schema: answer } } },
      ...problemsOf(route),
    },
  }
}

const idempotency = z.object({
  'idempotency-key': z.string().min(1).max(limits.keyLength).optional().openapi({
    description: 'Of your choice, such as a UUID: a new one for each new request.',
    pattern: '^[ -~]+$',
  }),
})

function problemsOf({ method, body, params, query }: Pick<Route, 'method' | 'body' | 'params' | 'query'>) {
  const statuses = [401, 403, 429, 431, 500, 503]
  if (params || query || body) statuses.push(404, 422)
  if (body) statuses.push(400, 413)
  if (method !== 'get') statuses.push(409)
  return Object.fromEntries(statuses.sort().map((status) => [status, { $ref: `#/components/responses/${status}` }]))
}
