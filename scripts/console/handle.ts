import type { IncomingMessage, ServerResponse } from 'node:http'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { type Act, LARGEST } from './acts.ts'
import type { Gate } from './gate.ts'
import type { PageFile } from './page.ts'
import { refusalOf } from './refusal.ts'
import { noSuchRoute, type Route } from './routes.ts'
import type { Share } from './share.ts'

type Parts = {
  gate: Gate
  page: Map<string, PageFile>
  share: Share
  routes: Record<string, Route>
  /** Not there when the console only looks. */
  acts: Record<string, Act> | undefined
}

// A payload within a JSON text: its quotes and backslashes take twice the room.
const LARGEST_BODY = 2 * LARGEST + 100_000

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

/**
 * Answers every request: the page, what it reads, and what it does. The page has no secret in it and is anybody's; all
 * else is for who shows the token. Nothing that a request is or does, going away in the middle included, is thrown.
 */
export function makeHandler({ gate, page, share, routes, acts }: Parts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    request.on('error', () => {})
    response.on('error', () => {})
    answer(request, response).catch((reason) => refuse(request, response, reason)).catch(() => response.destroy())
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    gate.greet(request)
    const url = addressOf(request)
    const name = /^\/api\/(.*)$/.exec(url.pathname)?.[1]
    if (name === undefined && request.method === 'GET') return answerFile(url, request, response)
    gate.admit(request)
    if (request.method === 'GET') await answerRead(name!, url, request, response)
    else if (request.method === 'POST') await answerAct(name ?? '', request, response)
    else {throw new SupaqueueError(
        'SQ405',
        `the console does not know the method ${request.method}`,
        'It reads by GET and acts by POST.',
      )}
  }

  async function answerRead(name: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined
    if (!route) throw noSuchRoute(url.pathname)
    url.searchParams.sort()
    const { body, refreshMs } = await share.read(`${name}?${url.searchParams}`, () => route(url.searchParams), {
      anew: request.headers['cache-control'] === 'no-cache',
    })
    respond(response, 200, body, { 'content-type': 'application/json', 'x-refresh-ms': String(refreshMs) })
  }

  async function answerAct(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!acts) {
      throw new SupaqueueError(
        'SQ403',
        'this console is read-only',
        'Start it without --read-only to change something.',
      )
    }
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined
    if (!act) throw noSuchRoute(`/api/${name}`)
    const answer = await act(await bodyOf(request))
    share.forget()
    respond(response, 200, JSON.stringify(answer), { 'content-type': 'application/json' })
  }

  function answerFile(url: URL, request: IncomingMessage, response: ServerResponse): void {
    // Every view has an address of its own, and all are one page.
    const file = page.get(url.pathname) ?? (/\.\w+$/.test(url.pathname) ? undefined : page.get('/index.html'))
    if (!file) throw noSuchRoute(url.pathname)
    const zip = /\bgzip\b/.test(String(request.headers['accept-encoding']))
    respond(response, 200, zip ? file.zipped : file.body, {
      'content-type': file.type,
      ...(zip && { 'content-encoding': 'gzip' }),
    })
  }
}

/** What is asked for. A request may name anything there, whole addresses of others included. */
function addressOf({ url = '' }: IncomingMessage): URL {
  const address = `http://127.0.0.1${url}`
  if (url.startsWith('/') && URL.canParse(address)) return new URL(address)
  throw new SupaqueueError('SQ400', 'the request does not name a path', 'Begin at the overview: /')
}

function refuse(request: IncomingMessage, response: ServerResponse, reason: unknown): void {
  // What came in the way may have come while the answer was on its way.
  if (response.headersSent) return void response.destroy()
  const { status, refusal } = refusalOf(reason)
  const plain = !request.url?.startsWith('/api/')
  respond(
    response,
    status,
    plain ? `${refusal.code}: ${refusal.message}\n${refusal.hint}\n` : JSON.stringify(refusal),
    {
      'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json',
      // Of a body that nobody reads, no more is taken.
      ...(!request.complete && { 'connection': 'close' }),
    },
  )
}

function respond(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string>,
): void {
  response.writeHead(status, { ...HEADERS, ...headers }).end(body)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  // The request is left whole: it has an answer to come.
  for await (const part of request.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += part
    if (text.length > LARGEST_BODY) {
      throw new SupaqueueError(
        'SQ413',
        'the request is too large',
        'Nothing was changed. Choose fewer jobs at once; a payload that is larger goes by SQL.',
      )
    }
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new SupaqueueError('SQ422', 'the request is not JSON', 'Nothing was changed.')
  }
}
