import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { makeFetch } from '../../../scripts/work/fetch.ts'
import { readBody } from '../../../supabase/functions/supaqueue/answer/body.ts'

// What it reports of a target that is in trouble: test/faults/delivery.test.ts.

let close: () => unknown = () => undefined
afterEach(() => close())

/** Asks a server that answers as told, and says on how many connections it was asked, and by what. */
async function openTarget(answer: (response: ServerResponse) => unknown) {
  const asked: string[] = []
  let connections = 0
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers['content-length']} ${request.headers['transfer-encoding']}`)
    request.resume().on('end', () => answer(response))
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => server.close().closeAllConnections()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const fetchIt = makeFetch(() => Promise.reject(new Error('the usual one was asked')))
  return {
    asked,
    connections: () => connections,
    ask: (init: RequestInit = {}) => fetchIt(url, { redirect: 'manual', ...init }),
  }
}

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('unfolds an answer in %s, and no more of it than is kept', async (coding, fold) => {
  const body = fold('a'.repeat(100_000))
  const { ask } = await openTarget((response) => response.writeHead(200, { 'content-encoding': coding }).end(body))

  expect(await (await ask()).text()).toBe('a'.repeat(100_000))
  expect(await readBody(await ask(), 10)).toEqual({ text: 'a'.repeat(10), truncated: true })
})

test('reads an answer whose length is not told, chunk by chunk, and uses its connection again', async () => {
  const { ask, connections } = await openTarget((response) => {
    response.write('grü')
    setImmediate(() => response.end('n'))
  })

  for (let i = 0; i < 3; i++) expect(await readBody(await ask(), 100)).toEqual({ text: 'grün', truncated: false })

  expect(connections()).toBe(1)
})

test('rejects by the reason of its signal, before the answer and within it', async () => {
  const before = await openTarget(() => {})
  await expect(before.ask({ signal: AbortSignal.timeout(1) })).rejects.toMatchObject({ name: 'TimeoutError' })
  close()

  const within = await openTarget((response) => response.writeHead(200, { 'content-length': '9' }).write('half'))
  const controller = new AbortController()
  const answer = await within.ask({ signal: controller.signal })
  const read = answer.text()
  controller.abort(new Error('enough'))
  await expect(read).rejects.toThrow('enough')
  await expect(readBody(answer, 100)).rejects.toThrow()
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('says of a body of %s how long it is', async (method) => {
  const { ask, asked } = await openTarget((response) => response.end())

  await (await ask({ method, body: 'grün' })).text()
  await (await ask({ method, body: new Uint8Array(3) })).text()

  expect(asked).toEqual([`${method} 5 undefined`, `${method} 3 undefined`])
})

test('gives several values of a header as one, and all of them by name', async () => {
  const { ask } = await openTarget((response) => response.writeHead(200, { 'X-B': ['1', '2'], 'X-A': 'é' }).end())

  const { headers } = await ask()

  expect([headers.get('x-b'), headers.get('x-c'), headers.has('x-a')]).toEqual(['1, 2', null, true])
  expect([...headers].filter(([name]) => name.startsWith('x-'))).toEqual([['x-a', 'é'], ['x-b', '1, 2']])
})

test.each(['http://127.0.0.1:25/', 'http://127.0.0.1:6667/', 'ftp://127.0.0.1/', 'http://a:b@127.0.0.1/'])(
  'leaves %s to the usual fetch, which refuses it',
  async (url) => {
    const asked: unknown[] = []
    const usual = ((...of: unknown[]) => {
      asked.push(of)
      return Promise.reject(new Error('refused'))
    }) as typeof fetch
    const init = { redirect: 'manual' } as const

    await expect(makeFetch(usual)(url, init)).rejects.toThrow('refused')

    expect(asked).toEqual([[url, init]])
  },
)
