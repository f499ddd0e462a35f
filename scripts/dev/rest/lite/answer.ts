import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { RestError } from '../rpc/error.ts'
import { contentTypes } from '../rpc/media.ts'

/** An error as lite's kind of answer. */
export const asResponse = ({ status, body, headers = {} }: RestError): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': contentTypes.json } })

/** Lite's answer with the content types of PostgREST, which some clients look at. */
export function asPostgrest(request: Request, response: Response): Response {
  const type = response.headers.get('content-type')
  const headers = new Headers(response.headers)
  if (new URL(request.url).pathname === '/rest/v1/') headers.set('content-type', openApi)
  else if (type === 'application/json') headers.set('content-type', contentTypes.json)
  return new Response(response.body, { status: response.status, headers })
}

const openApi = 'application/openapi+json; charset=utf-8'

/** Keeps the server that carries lite from naming a content type where there is no content. */
export function withoutEmptyType(response: ServerResponse): ServerResponse {
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status: number, headers?: unknown) => {
    if (status === 204 && headers) delete (headers as OutgoingHttpHeaders)['content-type']
    return writeHead(status, headers as OutgoingHttpHeaders)
  }
  return response
}
