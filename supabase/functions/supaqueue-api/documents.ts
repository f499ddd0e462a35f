import { openApiDocument } from './openapi.ts'
import { pageOf } from './page.ts'
import { toYaml } from './yaml.ts'

// Open to everybody: they are the same for every project, and hold nothing of this one.

let json: string | undefined

/** What the door says of itself, by the end of the path: the OpenAPI document, and a page to read and try it. */
export const documents: Record<string, () => Response | Promise<Response>> = {
  '/': page,
  '/swagger/index.html': page,
  '/openapi.json': () => text('application/json', openApiJson()),
  '/openapi.yaml': () => text('application/yaml', openApiYaml()),
}

/** The page as it is served, and stands in docs/. */
export const apiPage = (): Promise<string> => pageOf(JSON.stringify(JSON.parse(openApiJson())))

/** The OpenAPI document as it is served, and stands in docs/. */
export const openApiJson = (): string => json ??= `${JSON.stringify(openApiDocument(), null, 2)}\n`
export const openApiYaml = (): string => toYaml(JSON.parse(openApiJson()))

const text = (type: string, body: string): Response =>
  new Response(body, { headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'max-age=300' } })

// Beside the policy that stands in the page itself. Served by the door it speaks with the door alone: a key that is typed
// in goes nowhere else.
const guarded = {
  'content-security-policy': `connect-src 'self'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

async function page(): Promise<Response> {
  const response = text('text/html', await apiPage())
  for (const [name, value] of Object.entries(guarded)) response.headers.set(name, value)
  return response
}
