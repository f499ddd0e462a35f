import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { isAlive } from './support/edge.ts'
import { freePorts } from './support/free_ports.ts'
import { until } from '../../support/until.ts'

const root = join(import.meta.dirname, '../../..')
const started: ChildProcess[] = []

afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))

/** The command, and what it has printed so far. */
function dev(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/dev/dev.ts', ...args], { cwd: root })
  started.push(child)
  const printed = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => printed.out += text)
  child.stderr.setEncoding('utf8').on('data', (text) => printed.err += text)
  return { child, printed, ended: once(child, 'close').then(([code]) => ({ code, ...printed })) }
}

describe('pnpm dev', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('starts, answers, and ends cleanly by %s', async (signal) => {
    const port = await freePorts()
    const { child, printed, ended } = dev('--port', String(port))
    await until(() => printed.out.includes('select id, status'))

    const key = /sb_publishable_\S+/.exec(printed.out)?.[0] ?? ''
    const hello = await fetch(`http://127.0.0.1:${port}/functions/v1/hello`, { method: 'POST', body: '{"a":1}' })
    const job = await fetch(`http://127.0.0.1:${port}/rest/v1/job`, {
      headers: { 'apikey': key, 'accept-profile': 'supaqueue' },
    })
    const server = await postgresOf(printed.out)
    child.kill(signal)
    const { code, out, err } = await ended

    expect(await hello.json()).toEqual({ a: 1 })
    expect(job.status).toBe(401)
    expect(out).toContain(`psql 'postgresql://postgres:`)
    expect(out).toMatch(/Stand-ins +pg_net, Vault, pg_cron/)
    expect(out).toMatch(/Stopped\.\n$/)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(isAlive(server)).toBe(false)
  })

  test('prints what functions print, with their name in front', async () => {
    const port = await freePorts()
    const { child, printed, ended } = dev('--port', String(port))
    await until(() => printed.out.includes('select id, status'))

    // Not JSON: the function fails, and Deno says so.
    await fetch(`http://127.0.0.1:${port}/functions/v1/hello`, { method: 'POST', body: '{' })

    await until(() => /^\[hello\] .*JSON/m.test(printed.out))
    child.kill()
    await ended
  })

  test('stops what it has started when it is ended while it starts', async () => {
    const { child, printed, ended } = dev('--port', String(await freePorts()))
    await until(() => printed.out.includes('Starting Postgres'))

    child.kill('SIGTERM')

    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out).toMatch(/Stopped\.\n$/)
  })

  test('leaves nothing running when it is killed', async () => {
    const port = await freePorts()
    const { child, printed } = dev('--port', String(port))
    await until(() => printed.out.includes('select id, status'))
    await fetch(`http://127.0.0.1:${port}/functions/v1/hello`, { method: 'POST', body: '{}' })
    const left = [await postgresOf(printed.out), ...await childrenOf(child.pid as number)]
    expect(left.length).toBeGreaterThan(2)

    child.kill('SIGKILL')

    await until(() => !left.some(isAlive))
  })

  test('refuses a port that is taken, with code and hint, and ends with 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo

    const { code, err } = await dev('--port', String(port)).ended

    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`^SQ409: Port ${port} .*is taken.*\\nWhat to do: .*--port`))
    taken.close()
  })

  test.each([
    [['--prot', '1'], 'SQ422'],
    [['--port', 'http'], 'SQ422'],
    [['--db-url', 'mysql://localhost'], 'SQ422'],
    [['--db-url', 'postgresql://me:secret@127.0.0.1:9/none', '--port', '0'], 'SQ422'],
  ])('does not understand %j and says what to do', async (args, problem) => {
    const { code, out, err } = await dev(...args).ended

    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(new RegExp(`^${problem}: .+\\nWhat to do: .+\\n$`))
    expect(err).not.toContain('secret')
  })

  test('explains itself', async () => {
    const { code, out } = await dev('--help').ended

    expect(code).toBe(0)
    expect(out).toMatch(/--port.*--db-url.*--help/s)
  })
})

/** The id of the server that listens at the printed URL. */
async function postgresOf(printed: string): Promise<number> {
  const url = /postgresql:[^']+/.exec(printed)?.[0]
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // The parent of a session's process is the server.
    const { rows: [session] } = await client.query('select pg_backend_pid() as pid')
    return await parentOf(session.pid)
  } finally {
    await client.end()
  }
}

const parentOf = async (pid: number) => Number(await output('ps', '-o', 'ppid=', '-p', String(pid)))

const childrenOf = async (pid: number) => (await output('pgrep', '-P', String(pid))).trim().split('\n').map(Number)

async function output(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args)
  let text = ''
  child.stdout.on('data', (part) => text += part)
  await once(child, 'close')
  return text
}
