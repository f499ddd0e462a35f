import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { isHere, readAddress } from '../../../scripts/cli/connection/address.ts'
import { connect } from '../../../scripts/cli/connection/client.ts'
import { rootsFor, supabaseRoot } from '../../../scripts/cli/connection/trust.ts'
import { explain, openDatabase } from '../../../scripts/cli/project/database.ts'
import { completeUrl, insecurity } from '../../../scripts/cli/project/database_url.ts'
import { refusal } from '../../support/refusal.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'
import { main } from '../../../scripts/cli/main.ts'

const PASSWORD = 'my-owner-password'

let folder: string
const pem = (name: string) => readFileSync(join(folder, name), 'utf8')
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'supaqueue-tls-'))
  authority('ours')
  authority('theirs')
  for (
    const [name, signer, host] of [
      ['good', 'ours', 'IP:0.0.0.0'],
      ['other-name', 'ours', 'DNS:db.example.com'],
      ['forged', 'theirs', 'IP:0.0.0.0'],
      ['download', 'ours', 'IP:127.0.0.1'],
    ] as const
  ) certificate(name, signer, host)
})
afterAll(() => rmSync(folder, { recursive: true }))

function authority(name: string): void {
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`],
  )
}

function certificate(name: string, signer: string, host: string): void {
  writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${host}\n`)
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`],
    ...['-out', `${name}.csr`, '-subj', `/CN=${name}`],
  )
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${signer}.crt`, '-CAkey', `${signer}.key`, '-CAcreateserial'],
    ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.crt`],
  )
}

type Asks = 'clear' | 'md5'

/** A server that speaks enough of the protocol to be given a password: with a certificate, or without any. */
async function fakeServer(asks: Asks, certificate?: string) {
  const got: Buffer[] = []
  const speak = (socket: Socket | TLSSocket) => {
    socket.on('data', (data) => got.push(data))
    socket.once(
      'data',
      () =>
        socket.write(
          asks === 'clear' ? Buffer.from('R\0\0\0\x08\0\0\0\x03') : Buffer.from('R\0\0\0\x0c\0\0\0\x05salt'),
        ),
    )
    socket.on('error', () => {})
  }
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (first) => {
      const wantsTls = first.readInt32BE(4) === 80877103
      if (wantsTls && certificate === undefined) return socket.write('N')
      if (wantsTls) {
        socket.write('S')
        const secureContext = createSecureContext({ cert: pem(`${certificate}.crt`), key: pem(`${certificate}.key`) })
        return speak(new TLSSocket(socket, { isServer: true, secureContext }))
      }
      got.push(first)
      socket.on('data', (data) => got.push(data))
      socket.write(asks === 'clear' ? Buffer.from('R\0\0\0\x08\0\0\0\x03') : Buffer.from('R\0\0\0\x0c\0\0\0\x05salt'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  return {
    url: (host: string, parameters = '') =>
      `postgresql://postgres:${PASSWORD}@${host}:${(server.address() as AddressInfo).port}/postgres${parameters}`,
    got: () => Buffer.concat(got).toString('latin1'),
    /** Ends once whoever connected has let go of the line. */
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

function ours(): string {
  return `?sslrootcert=${encodeURIComponent(join(folder, 'ours.crt'))}`
}

describe('a server that is not on this machine is sent nothing before it proves who it is', () => {
  test.each([
    ['by nobody we trust', 'good', () => '', /did not prove who it is.*CERT|VERIFY|ISSUER/],
    [
      'by nobody we trust, whatever the URL says of require',
      'good',
      () => '?sslmode=require',
      /did not prove who it is/,
    ],
    [
      'by nobody we trust, in the manner of libpq',
      'good',
      () => '?sslmode=prefer&uselibpqcompat=true',
      /did not prove/,
    ],
    ['by another authority than sslrootcert says', 'forged', ours, /did not prove who it is/],
    ['for another name', 'other-name', ours, /did not prove who it is.*ALTNAME/],
  ])('a certificate signed %s', async (_, certificate, parameters, message) => {
    await using server = await fakeServer('clear', certificate)

    expect(await refusal(connect(server.url('0.0.0.0', parameters())))).toMatchObject({
      code: 'SQ504',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/sslrootcert.*--insecure-tls/),
    })
    expect(server.got()).toBe('')
  })

  test('no encryption at all', async () => {
    await using server = await fakeServer('clear')

    expect(await refusal(connect(server.url('0.0.0.0')))).toMatchObject({
      code: 'SQ504',
      message: expect.stringContaining('does not encrypt'),
    })
    expect(server.got()).toBe('')
  })
})

describe('the password arrives nowhere', () => {
  test.each<[string, Asks, string | undefined, string, () => string]>(
    [
      ['in the clear, verified', 'clear', 'good', '0.0.0.0', ours],
      ['by md5, verified', 'md5', 'good', '0.0.0.0', ours],
      ['in the clear, not verified', 'clear', 'forged', '0.0.0.0', () => '?sslmode=no-verify'],
      ['in the clear, not encrypted', 'clear', undefined, '0.0.0.0', () => '?sslmode=disable'],
      ['in the clear, on this machine', 'clear', undefined, '127.0.0.1', () => ''],
      ['by md5, on this machine', 'md5', undefined, 'localhost', () => ''],
    ],
  )('where a server asks for it %s', async (_, asks, certificate, host, parameters) => {
    await using server = await fakeServer(asks, certificate)

    expect(await refusal(connect(server.url(host, parameters())))).toMatchObject({
      code: 'SQ403',
      message: expect.stringContaining('did not get it'),
      hint: expect.stringContaining('scram-sha-256'),
    })
    expect(server.got()).toContain('postgres')
    expect(server.got()).not.toContain(PASSWORD)
    expect(server.got()).not.toContain('md5')
  })

  test('where the command is run against whoever answers', async () => {
    await using server = await fakeServer('clear', 'forged')
    const said: string[] = []
    const run = (...more: string[]) =>
      main(['status', '--db-url', server.url('0.0.0.0'), ...more], {
        ...silentDeps({ env: {}, cwd: folder }),
        note: (line) => said.push(line),
      })

    expect(await run()).toBe(4)
    expect(said.join('\n')).toMatch(/SQ504: the server at 0.0.0.0 did not prove who it is/)
    expect(server.got()).toBe('')
    said.length = 0
    await run('--insecure-tls')
    expect(said.join('\n')).toMatch(/^INSECURE: the certificate of 0.0.0.0 is not checked/)
    expect(server.got()).not.toContain(PASSWORD)
  })
})

test('a real server that asks by SCRAM lets us in', async () => {
  const db = await connect(inject('cluster').ownerUrl)
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await db.end()
})

describe('a server that is there, and does not let us in', () => {
  const ask = async (change: (url: URL) => void) => {
    const url = new URL(inject('cluster').ownerUrl)
    change(url)
    const db = openDatabase(url.href)
    return await db.query('select 1').catch((reason) => reason).finally(() => db.end())
  }

  test('says why: the password, the role or the database', async () => {
    expect(await ask((url) => url.password = 'wrong')).toMatchObject({
      code: 'SQ401',
      message: expect.stringMatching(/refused the password$/),
    })
    expect(await ask((url) => url.pathname = '/no_such_database')).toMatchObject({
      code: 'SQ504',
      message: expect.stringMatching(/could not be connected to: database "no_such_database" does not exist$/),
      hint: expect.stringMatching(/--db-url/),
    })
  })

  test.each([
    ['28000', 'role "anon" is not permitted to log in', 'SQ401', 'does not let this role in'],
    ['28000', 'no pg_hba.conf entry for host "192.0.2.1"', 'SQ401', 'does not let this role in'],
    ['53300', 'sorry, too many clients already', 'SQ503', 'has no connection left'],
    ['57P03', 'the database system is starting up', 'SQ503', 'does not take connections yet'],
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'SQ504', 'could not be connected to'],
  ])('%s: %s', (code, message, told, what) => {
    const error = explain(Object.assign(new Error(message), { code }), 'postgresql://anon@127.0.0.1:5432/postgres')

    expect(error.code).toBe(told)
    expect(error.message).toBe(`the database at 127.0.0.1:5432 ${what}: ${message}`)
    expect(error.hint).not.toBe('')
  })
})

describe('what a URL says', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '/run/postgresql'])('%s is this machine', (host) => {
    expect(isHere(host)).toBe(true)
  })
  test.each(['127.evil.example', '0.0.0.0', 'localhost.example.com', '::', '10.0.0.1', '127.0.0.1.example.com'])(
    '%s is not',
    (host) => expect(isHere(host)).toBe(false),
  )

  test.each(['host=evil.example', 'hostaddr=10.0.0.1', 'port=1', 'user=me', 'dbname=x', 'service=x', 'password=x'])(
    'that leads elsewhere by %s is refused',
    (parameter) => {
      expect(() => readAddress(`postgresql://127.0.0.1/postgres?${parameter}`)).toThrow(/among its parameters/)
    },
  )

  test.each(['disable', 'no-verify'])('that takes the check away by sslmode=%s needs --insecure-tls', (mode) => {
    const url = `postgresql://postgres@db.example.com/postgres?sslmode=${mode}`
    expect(() => completeUrl(url, 'x')).toThrow(/would be taken for your database/)
    expect(insecurity(completeUrl(url, 'x', true))).toMatch(/^INSECURE: /)
    expect(insecurity(completeUrl('postgresql://postgres@db.example.com/postgres', 'x'))).toBeUndefined()
  })
})

describe('the root of the platform', () => {
  /** Where it is got from, in the test: over HTTPS, from a server of ours. */
  async function platform(answers: string | number) {
    const server = createHttps({ cert: pem('download.crt'), key: pem('download.key') }, (_, response) => {
      response.writeHead(typeof answers === 'number' ? answers : 200).end(String(answers))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/root.crt`
    const root = {
      hosts: /\.supabase\.test$/,
      url,
      fingerprint: new X509Certificate(pem('ours.crt')).fingerprint256.replaceAll(':', '').toLowerCase(),
    }
    // Node's fetch trusts public authorities alone; who signed the server is not what is tested here.
    const { fetch } = globalThis
    vi.stubGlobal(
      'fetch',
      (asked: string) =>
        asked === url
          ? Promise.resolve(new Response(String(answers), { status: Number(answers) || 200 }))
          : fetch(asked),
    )
    return {
      root,
      [Symbol.asyncDispose]: () => {
        vi.unstubAllGlobals()
        return new Promise<void>((resolve) => server.close(() => resolve()))
      },
    }
  }
  const cache = () => mkdtempSync(join(folder, 'cache-'))

  test('is fetched once, kept, and trusted beside the public ones for hosts of the platform alone', async () => {
    await using there = await platform(pem('ours.crt'))
    const kept = cache()

    const first = await rootsFor('db.x.supabase.test', there.root, kept)
    vi.stubGlobal('fetch', () => Promise.reject(new Error('it was asked for again')))
    const second = await rootsFor('db.x.supabase.test', there.root, kept)
    const others = await rootsFor('db.example.com', there.root, kept)

    expect(first.ca).toContain(pem('ours.crt'))
    expect(first.ca.length).toBeGreaterThan(50)
    expect(second).toEqual(first)
    expect(others.ca).not.toContain(pem('ours.crt'))
    expect(readdirSync(kept)).toEqual(['root.crt'])
  })

  test('is not taken with another fingerprint, neither fetched nor kept, and the public ones remain', async () => {
    await using there = await platform(pem('theirs.crt'))
    const kept = cache()
    writeFileSync(join(kept, 'root.crt'), pem('theirs.crt'))

    const roots = await rootsFor('db.x.supabase.test', there.root, kept)

    expect(roots.ca).not.toContain(pem('theirs.crt'))
    expect(roots.ca.length).toBeGreaterThan(50)
    expect(roots.missing).toMatch(/has another fingerprint/)
  })

  test('that cannot be fetched is missed by name, with where to put it', async () => {
    await using there = await platform(503)
    const kept = cache()

    const roots = await rootsFor('db.x.supabase.test', there.root, kept)

    expect(roots).toMatchObject({
      file: join(kept, 'root.crt'),
      missing: expect.stringMatching(/gave nothing: HTTP 503/),
    })
  })

  test('speaks for hosts of Supabase, and for no host that only looks like one', () => {
    const hosts = [
      'db.abc.supabase.co',
      'aws-0-eu-central-1.pooler.supabase.com',
      'supabase.co.evil.example',
      'xsupabase.co',
    ]
    expect(hosts.map((host) => supabaseRoot.hosts.test(host))).toEqual([true, true, false, false])
  })
})

test('every connection of scripts/ is made by the one client', () => {
  const scripts = join(import.meta.dirname, '../../../scripts')
  const others = readdirSync(scripts, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/^cli[\\/]connection[\\/]client\.ts$/.test(path))
    .filter((path) => /new pg\.|from 'pg-pool'|new Pool\(|pg\.native/.test(readFileSync(join(scripts, path), 'utf8')))

  expect(others).toEqual([])
})
