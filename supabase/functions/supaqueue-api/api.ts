import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { getPath } from 'hono/utils/url'
import { expectScope, whoCalls } from './caller.ts'
import type { Database } from './database.ts'
import { documents } from './documents.ts'
import { sha256Hex } from './hash.ts'
import { expectFewHeaders, readText } from './limits.ts'
import { SupaqueueError } from '../_shared/supaqueue/errors.ts'
import { answerError } from './problem.ts'
import { expectShape, idempotencyKey, parseJson } from './read.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

/** What the door stands on: the project's own keys, and the database. */
export type Deps = { keys: string[]; database: Database }

/** Gets what the door has to say about its own defects. */
export type Log = (line: Record<string, unknown>) => void

/** The HTTP API. `open` gives the deps, or throws a `SupaqueueError` when the function is not set up. */
export function makeApi(open: () => Deps, log: Log): OpenAPIHono {
  const app = new OpenAPIHono({
    // The platform shows a function its own name at the head of the path.
    getPath: (request) => getPath(request).replace(/^(\/functions\/v1)?\/supaqueue-api(?=\/|$)/, '') || '/',
  })
  // Keys are shown on purpose, never by a browser of itself: a page of another origin can do no more than anybody.
  app.use(cors({ exposeHeaders: ['retry-after', 'idempotency-replayed'] }))
  app.onError((reason) => answerError(reason instanceof SupaqueueError ? reason : defect(reason, log)))
  app.notFound(() =>
    answerError(new SupaqueueError('SQ404', 'there is no such route', 'openapi.json lists the routes.'))
  )

  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(route.path), (context) => serve(route, context, open()))
  }
  app.get('/metrics', async ({ req }) => {
    const deps = open()
    expectScope(await enter(req.raw, deps), 'metrics')
    const text = await deps.database.metrics()
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
  })
  for (const [path, answer] of Object.entries(documents)) app.get(path, answer)
  const served = [
    ...routes,
    ...['/metrics', ...Object.keys(documents)].map((path) => ({ method: 'get', path })),
  ]
  for (const path of new Set(served.map(({ path }) => path))) {
    const allow = served.filter((one) => one.path === path).map(({ method }) => method.toUpperCase()).join(', ')
    app.all(honoPath(path), () => {
      throw new SupaqueueError('SQ405', `this path takes ${allow}`, 'openapi.json lists the routes.', {
        headers: { allow },
      })
    })
  }
  return app
}

async function serve(route: Route, { req }: Context, deps: Deps): Promise<Response> {
  const request = req.raw
  const caller = await enter(request, deps)
  expectScope(caller, route.scope)

  const parameters = {
    ...expectShape(route.params ?? nothing, req.param(), 'path'),
    ...expectShape(route.query ?? nothing, req.query(), 'query'),
    may_open: caller.may('control'),
  }
  const body = route.body ? await readText(request) : undefined
  if (route.body) {
    const asked = expectShape(route.body, parseJson(body || '{}'), 'body')
    const more = route.more?.(asked)
    if (more) expectScope(caller, more)
  }

  const key = route.method === 'post' ? idempotencyKey(request) : undefined
  const { body: text, replayed } = await deps.database.answer({
    route: route.id,
    parameters,
    // As it came: no number loses digits on its way.
    body: body || undefined,
    caller: caller.id,
    ...key !== undefined && {
      idempotency_key: key,
      request_hash: await sha256Hex(`${request.method} ${req.path} ${new URL(request.url).search}\n${body ?? ''}`),
    },
  })
  const headers = {
    'content-type': 'application/json',
    ...replayed && { 'idempotency-replayed': 'true' },
  }
  return new Response(text, { status: route.status, headers })
}

function enter(request: Request, { keys, database }: Deps) {
  expectFewHeaders(request)
  return whoCalls(request, keys, database.useApiKey)
}

const nothing = z.object({})

function defect(reason: unknown, log: Log): SupaqueueError {
  log({ code: 'SQ500', message: reason instanceof Error ? reason.stack : String(reason) })
  return new SupaqueueError(
    'SQ500',
    'the function supaqueue-api failed unexpectedly',
    'This is a bug; its log says more. Please report it.',
  )
}

const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')
