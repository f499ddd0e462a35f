import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEADLINE_MS } from '../../../../support/until.ts'

export type Heard = {
  method: string
  path: string
  headers: IncomingMessage['headers']
  raw: string[]
  body: string
  bytes: Buffer
}

/** An HTTP server on a free port that remembers what it was sent and answers as told. */
export async function serve(answer: (response: ServerResponse, heard: Heard) => unknown) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const { method = '', url = '', headers, rawHeaders } = request
    const one = { method, path: url, headers, raw: rawHeaders, body: bytes.toString(), bytes }
    heard.push(one)
    await answer(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Server = Awaited<ReturnType<typeof serve>>

/** Waits until the condition gives something; fails after the deadline. */
export async function until<Found>(condition: () => Found | undefined | false, what: string): Promise<Found> {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline;) {
    const found = condition()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`waited in vain for ${what}`)
}
