import type { IncomingMessage } from 'node:http'
import { type RestError, restError } from './error.ts'

/** What a request asks for: a function by name, and its arguments as the JSON text that came. */
export type Asked = { schema: string; name: string; body: string; given: string[] }

/** The function that a request names by its path. */
export const functionName = (request: IncomingMessage): string | undefined =>
  /^\/rest\/v1\/rpc\/([^/?]+)/.exec(request.url ?? '')?.[1]

/** Reads a request for a function, or says why it cannot be understood. */
export async function read(request: IncomingMessage, schemas: string[]): Promise<Asked | RestError> {
  const schema = request.headers['content-profile']?.toString() ?? schemas[0] ?? 'public'
  if (!schemas.includes(schema)) {
    return restError(406, 'PGRST106', `Invalid schema: ${schema}`, `Only these are exposed: ${schemas.join(', ')}`)
  }

  const body = await readText(request) || '{}'
  const argumentsByName = parse(body)
  if (argumentsByName === null || typeof argumentsByName !== 'object' || Array.isArray(argumentsByName)) {
    return restError(400, 'PGRST102', 'Empty or invalid json', 'Send an object with the arguments by name.')
  }
  const name = decodeURIComponent(functionName(request) ?? '')
  return { schema, name, body, given: Object.keys(argumentsByName) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.once('end', () => resolve(Buffer.concat(chunks).toString()))
    request.once('error', reject)
  })
}
