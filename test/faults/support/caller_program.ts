import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { callHere } from './caller.ts'

// The dispatcher's caller as a program of its own, one call per request: under Deno, fetch is not what it is under Node.

const caller = await callHere()
const server = createServer(async (request, response) => {
  response.end(JSON.stringify(await caller.call(JSON.parse(await text(request)))))
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
