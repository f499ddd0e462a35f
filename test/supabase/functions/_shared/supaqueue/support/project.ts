import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { startEdgeHost } from '../../../../../../scripts/dev/edge/host.ts'
import { makeCall, secret } from './call.ts'

type Parts = Parameters<typeof makeCall>[0]
type Report = { name: string; headers: IncomingHttpHeaders; args: Record<string, unknown> }

/** Functions under Deno, as the edge host runs them, and in place of the REST door a server that notes the reports. */
export async function project(functionsDirectory: string) {
  const reports: Report[] = []
  const lines: string[] = []
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    if (url.startsWith('/functions/v1/')) return edge.handle(request, response)
    const name = url.split('/').at(-1) ?? ''
    reports.push({ name, headers, args: JSON.parse(await text(request)) })
    response.setHeader('content-type', 'application/json')
    response.end(name === 'extend' ? '"2030-01-01T00:00:00+00:00"' : 'null')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const edge = await startEdgeHost({
    functionsDirectory,
    environment: {
      SUPABASE_URL: url,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: 'sb_secret_default' }),
      SUPAQUEUE_SECRET: secret,
    },
    log: (line) => lines.push(line),
  })

  return {
    reports,
    lines,
    edge,
    url,
    /** Calls a function as the dispatcher does. */
    async call(name: string, parts?: Parts) {
      const { query, init } = makeCall(parts)
      const response = await fetch(`${url}/functions/v1/${name}${query}`, init)
      const { status, headers } = response
      return { status, outcome: headers.get('supaqueue-outcome'), body: await response.json() }
    },
    async stop() {
      await edge.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Project = Awaited<ReturnType<typeof project>>
