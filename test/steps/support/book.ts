import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { effects } from './deaths.ts'
import type { Moment } from './fulfil.ts'

/** Behind processes that may be killed: `pass` says when a moment is over; killed, none is. And the server that notes keys. */
export async function openBook(pass: (moment: Moment) => Promise<void>) {
  const server = effects()
  const http = createServer(async (request, response) => {
    const said = await json(request) as never
    if (request.url === '/at') {
      await pass(said)
      response.end('null')
    } else {
      const { key, what } = said as { key: string; what: number }
      response.end(JSON.stringify(server.effect(key, what)))
    }
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    ...server,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
