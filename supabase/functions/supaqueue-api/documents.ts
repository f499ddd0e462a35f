import { openApiDocument } from './openapi.ts'
import { toYaml } from './yaml.ts'

// Open to everybody: they are the same for every project, and hold nothing of this one.

let json: string | undefined

/** What the door says of itself: the OpenAPI document, by the end of the path. */
export const documents: Record<string, () => Response> = {
  '/openapi.json': () => text('application/json', openApiJson()),
  '/openapi.yaml': () => text('application/yaml', openApiYaml()),
}

/** The OpenAPI document as it is served, and stands in docs/. */
export const openApiJson = (): string => json ??= `${JSON.stringify(openApiDocument(), null, 2)}\n`
export const openApiYaml = (): string => toYaml(JSON.parse(openApiJson()))

const text = (type: string, body: string): Response =>
  new Response(body, { headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'max-age=300' } })
