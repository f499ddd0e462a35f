import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../../support/until.ts'
import { blocksOf, kitPages, readPage, root } from '../../../../support/markdown.ts'
import { continued, makeCall, token } from './support/call.ts'
import { type Project, project } from './support/project.ts'
import { freePort } from '../../../../../scripts/dev/postgres/port.ts'

const kit = 'supabase/functions/_shared/supaqueue'
const languages = ['ts', 'json', 'toml']

/** The files that the pages of the kit show, each under the path in its first line. The SQL is run by the test of all pages. */
const files = kitPages.flatMap((page) => blocksOf(readPage(page)))
  .filter(({ language }) => languages.includes(language))
  .map(({ code }) => {
    const [, path = '', text = ''] = /^(?:\/\/|#) (\S+)\n([\s\S]*)$/.exec(code) ?? []
    return { path, text }
  })
const functions = files.flatMap(({ path }) => /^supabase\/functions\/([\w-]+)\/index\.ts$/.exec(path)?.[1] ?? [])

let folder: string
let host: Project

beforeAll(async () => {
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  folder = mkdtempSync(join(root, '.supaqueue/kit-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const { path, text } of files) write(path, text)
  const imports = files.find(({ path }) => path.endsWith('greet/deno.json'))!.text
  for (const name of functions) write(`supabase/functions/${name}/deno.json`, imports)
  for (const copy of [kit, 'supaqueue']) cpSync(join(root, kit), join(folder, copy), { recursive: true })
  host = await project(join(folder, 'supabase/functions'))
})

afterAll(async () => {
  await host?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const reported = (name: string) => host.reports.filter((report) => report.name === name).map(({ args }) => args)

describe('the examples of the page', () => {
  test.each<[string, Parameters<typeof makeCall>[0], object]>([
    ['greet', { payload: { name: 'Ada' } }, {
      status: 200,
      outcome: 'complete',
      body: { greeting: 'Hello Ada', attempt: 2 },
    }],
    ['greet', { payload: {} }, { status: 422, outcome: 'kill' }],
    ['sum', { payload: { terms: [20, 22] } }, { status: 200, outcome: 'complete', body: 42 }],
    ['ship', { payload: { order: 'A1', status: 'new' } }, { outcome: 'reschedule', body: { after_ms: 60_000 } }],
    ['ship', { payload: { order: 'A1', status: 'cancelled' } }, { outcome: 'drop' }],
    ['ship', { payload: { order: 'A1', status: 'lost' } }, { outcome: 'kill' }],
    ['ship', { payload: { order: 'A1', status: 'paid' } }, { outcome: 'complete', body: { shipped: 'A1' } }],
    ['order', { payload: {} }, { status: 422, outcome: 'kill' }],
    ['count', { payload: { to: 2 } }, { outcome: 'continue', body: { state: { at: 1 } } }],
    ['count', continued({ to: 2 }, { at: 1 }), { outcome: 'complete', body: { counted: 2 } }],
    ['transcribe', { payload: { audio: 'https://example.com/a.mp3' } }, {
      outcome: 'later',
      body: { lease_ms: 3_600_000 },
    }],
  ])('%s answers %j as the page says', async (name, call, answer) => {
    expect(await host.call(name, call)).toMatchObject(answer)
  })

  test('digest finishes its job in the background', async () => {
    const answer = await host.call('digest', { payload: { texts: ['a', 'bc'] } })
    await until(() => reported('finish').length > 0)

    expect(answer).toMatchObject({ status: 202, outcome: 'later' })
    expect(reported('finish')).toEqual([{ token, outcome: 'complete', result: { letters: 3 } }])
  })

  test('transcribed finishes the job that was given to somebody else', async () => {
    const before = reported('finish').length

    const response = await fetch(`${host.url}/functions/v1/transcribed?job=${token}`, { method: 'POST', body: 'hello' })

    expect(response.status).toBe(204)
    expect(reported('finish').slice(before)).toEqual([{ token, outcome: 'complete', result: { text: 'hello' } }])
  })

  test('the server of Node answers what is signed, and nothing else', async () => {
    const port = await freePort()
    const secret = 'the secret of this queue'
    const server = spawn(process.execPath, ['--import', 'tsx', join(folder, 'server.ts')], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
      stdio: 'ignore',
    })
    try {
      const ask = (secrets: string[]) =>
        fetch(`http://127.0.0.1:${port}`, makeCall({ payload: { name: 'Ada' }, secrets }).init)
      const good = await until(() => ask([secret]).catch(() => null))

      expect(await good.json()).toEqual({ greeting: 'Hello Ada' })
      expect((await ask(['the secret of somebody else'])).status).toBe(401)
    } finally {
      server.kill()
      await once(server, 'exit')
    }
  })

  test('the test of a function says what the page says', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(folder, 'greet.test.ts')])

    expect(stdout.replaceAll('\n', ' ')).toMatch(/outcome: 'complete'.*'Hello Ada'.* kill $/)
  })

  test('the test of a function in steps says that it did all of it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(folder, 'order.test.ts')])

    expect(stdout.replaceAll(/\s+/g, ' ')).toBe(
      "pending [ 'charge done', 'remind done', 'approval waiting' ] success { charge: 'charged A1 by test-1-charge', " +
        "answer: 'yes', rendered: [ 'ONE', 'TWO' ] } ",
    )
  })

  test('are all tried here, and what sends and consumes in tests of their own', () => {
    expect([...functions].sort()).toEqual([
      'count',
      'digest',
      'embed',
      'greet',
      'order',
      'ship',
      'sum',
      'transcribe',
      'transcribed',
    ])
    expect(files.map(({ path }) => path).filter((path) => !path.endsWith('index.ts')).sort()).toEqual([
      'consumer.ts',
      'greet.test.ts',
      'order.test.ts',
      'send.ts',
      'server.ts',
      'supabase/config.toml',
      'supabase/functions/_shared/queues.ts',
      'supabase/functions/greet/deno.json',
      'supabase/functions/order/order.ts',
    ])
  })
})
