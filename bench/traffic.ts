import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { BenchStack } from './stack.ts'

/** What goes between the parts of a stack. Bytes are of bodies, and of the headers of pg_net's requests. */
export type Traffic = {
  turns: number
  /** Turns that brought no report and took no job: polls that found nothing. */
  emptyTurns: number
  rpcBytesIn: number
  rpcBytesOut: number
  netRequests: number
  netBytes: number
  dispatcherInvocations: number
}

/**
 * Counts from now on, by looking at every request to REST and every request of pg_net on its way. Costs each turn a
 * copy, so it has no place where speed is measured.
 */
export function countTraffic({ rest, net, edge }: BenchStack): { read(): Traffic; stop(): void } {
  const seen = { turns: 0, emptyTurns: 0, rpcBytesIn: 0, rpcBytesOut: 0, netRequests: 0, netBytes: 0 }
  const invocations = edge.counts().supaqueue ?? 0
  const handle = rest.handle

  rest.handle = async (request, response, caller) => {
    const body = await buffer(request)
    const { method, url, headers } = request
    const end = response.end.bind(response) as (chunk?: unknown, ...rest: unknown[]) => typeof response
    response.end = (chunk?: unknown, ...rest: unknown[]) => {
      const answer = typeof chunk === 'string' ? chunk : ''
      seen.turns++
      seen.rpcBytesIn += body.length
      seen.rpcBytesOut += Buffer.byteLength(answer)
      if (isEmpty(body.toString(), answer)) seen.emptyTurns++
      return end(chunk, ...rest)
    }
    const again = Object.assign(Readable.from([body]), { method, url, headers }) as unknown as IncomingMessage
    await handle(again, response, caller)
  }
  net?.setIntercept(({ url, headers, body }) => {
    seen.netRequests++
    seen.netBytes += url.length + JSON.stringify(headers).length + (body?.length ?? 0)
    return 'send'
  })

  return {
    read: () => ({ ...seen, dispatcherInvocations: (edge.counts().supaqueue ?? 0) - invocations }),
    stop() {
      rest.handle = handle
      net?.setIntercept(() => 'send')
    },
  }
}

function isEmpty(request: string, answer: string): boolean {
  const { reports = [] } = JSON.parse(request).request ?? {}
  return reports.length === 0 && (JSON.parse(answer || '{}').jobs ?? []).length === 0
}
