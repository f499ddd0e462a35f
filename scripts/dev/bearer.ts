import type { IncomingMessage } from 'node:http'

/** The token of `Authorization: Bearer <token>`, if the request has one. */
export const bearer = (request: IncomingMessage): string | undefined =>
  /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1]
