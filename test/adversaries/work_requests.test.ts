import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newCounts } from '../../scripts/work/counts.ts'
import type { Served } from '../../scripts/work/serve.ts'
import { openStatus, type Status } from '../../scripts/work/status.ts'

// What any program of this machine, and any page in a browser of it, can send to the port of `supaqueue work`: it learns what
// the two pages say, and ends nothing.

const NAMES = ['shop', 'a "quoted"\\ one', 'two\nlines 1', '\u202eevil\u001b[2J']

let status: Status
const faults: unknown[] = []
const noted = (reason: unknown) => void faults.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', noted).on('uncaughtException', noted)
  status = await openStatus({ port: 0, host: '127.0.0.1' }, () => NAMES.map(served), () => false)
})
afterAll(async () => {
  await status.close()
  process.off('unhandledRejection', noted).off('uncaughtException', noted)
})

const served = (name: string): Served => ({
  name,
  hears: () => true,
  runs: () => 1,
  counts: { ...newCounts(), outcomes: new Map([['success', 2]]) },
  connected: Promise.resolve(),
  stop: async () => {},
})

const port = () => Number(new URL(status.address).port)

function open(): Socket {
  const socket = connect(port(), '127.0.0.1')
  socket.on('error', () => {})
  return socket
}

async function send(text: string, how: 'wait' | 'hang up' = 'wait'): Promise<string> {
  const socket = open()
  let heard = ''
  socket.setEncoding('latin1').on('data', (part) => heard += part)
  socket.write(Buffer.from(text, 'latin1'))
  if (how === 'hang up') socket.destroy()
  await once(socket, 'close')
  return heard
}

const ask = (target: string, host = `127.0.0.1:${port()}`) =>
  send(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)

async function expectUnharmed(): Promise<void> {
  expect(await ask('/health')).toMatch(/^HTTP\/1\.1 200 /)
  expect(faults).toEqual([])
}

describe('to end it', () => {
  test.each([
    '',
    'GET',
    'GET // HTTP/1.1',
    'GET http://[ HTTP/1.1',
    'GET /health HTTP/9',
    '\0\0\0\0',
    'CONNECT x:1 HTTP/1.1',
  ])(
    'by %j',
    async (line) => {
      await send(`${line}\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`)
      await send(line, 'hang up')
      await expectUnharmed()
    },
  )

  test('by a head that is too large, and by a body that it does not want', async () => {
    expect(await send(`GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(/ 431 /)
    expect(await send('POST /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000000000\r\n\r\nx')).toMatch(
      / 405 /,
    )
    await expectUnharmed()
  })

  test('by more connections than it takes, which say nothing', async () => {
    const sockets = Array.from({ length: 300 }, open)
    await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
    const closed = sockets.map((socket) => socket.destroyed || once(socket, 'close'))
    sockets.forEach((socket) => socket.destroy())
    await Promise.all(closed)
    await expect.poll(() => ask('/health')).toMatch(/ 200 /)
    await expectUnharmed()
  })
})

describe('to learn more', () => {
  test.each(['/', '/health/..', '/%68ealth', '//health', '/metrics/x', '/../package.json', '/debug/pprof', '*'])(
    'by the path %s',
    async (path) => {
      expect(await ask(path)).toMatch(/^HTTP\/1\.1 40[04] /)
    },
  )

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.1@evil',
    '',
  ])(
    'by the name %j, as a page of that name would',
    async (host) => {
      expect(await ask('/health', host)).toMatch(/^HTTP\/1\.1 421 /)
      expect(await ask('/metrics', host)).not.toContain('shop')
    },
  )

  test.each(['localhost', 'LOCALHOST:1234', '127.0.0.1', '[::1]:9000'])('it answers to %s', async (host) => {
    expect(await ask('/health', host)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

test('names of databases forge no line', async () => {
  const [, body = ''] = (await ask('/metrics')).split('\r\n\r\n')
  const lines = body.split('\n').filter((line) => line.startsWith('supaqueue_work_runs{'))

  expect(lines).toHaveLength(NAMES.length)
  expect(body).not.toMatch(/^lines 1/m)
})
