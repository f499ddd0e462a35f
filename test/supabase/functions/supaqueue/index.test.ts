import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { denoProgram } from '../../../../scripts/dev/edge/deno.ts'
import { makeWakeUp, secret } from './support/wake_up.ts'
import { serve, type Server, until } from './support/server.ts'
import { makeDatabase } from './support/database.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const entry = `${root}supabase/functions/supaqueue/index.ts`
// The project's own packages, so that nothing is downloaded.
const reading = ['--config', `${root}deno.json`, '--no-lock']
const quiet = { PATH: process.env.PATH, HOME: process.env.HOME, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }

/** The dispatcher under Deno, on a free port, with this environment. */
async function dispatch(env: Record<string, string>) {
  const child = spawn(
    denoProgram(),
    ['run', ...reading, '--allow-net', '--allow-env', '--allow-read', '--allow-sys', '--no-prompt', entry],
    { env: { ...quiet, DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stdout.on('data', (chunk) => said += chunk)
  child.stderr.on('data', (chunk) => said += chunk)
  const url = await until(
    () => /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0],
    `the dispatcher to listen; it said: ${said}`,
  )
  return {
    post: (request: Request) => fetch(new Request(`${url}/supaqueue`, request)),
    said: () => said,
    lines: () => said.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

describe('under Deno, the dispatcher', () => {
  const database = makeDatabase(
    {
      now: () => performance.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      after: () => () => {},
      settle: () => Promise.resolve(),
      timers: () => 0,
      advance: () => Promise.resolve(),
    },
    { workers: 3, jobs: 10, settings: { linger_ms: '200' } },
  )
  let project: Server
  let aheadMs = 0
  let dispatcher: Awaited<ReturnType<typeof dispatch>>

  beforeAll(async () => {
    project = await serve(async (response, { path, body }) => {
      response.setHeader('content-type', 'application/json')
      if (!path.startsWith('/rest/')) return response.end(body)
      const { request } = JSON.parse(body)
      response.end(JSON.stringify(request.queue ? await database.takeTurn(request) : { now_ms: Date.now() + aheadMs }))
    })
    dispatcher = await dispatch({
      SUPABASE_URL: project.url,
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_of_the_test"}',
      SUPAQUEUE_SECRET: secret,
    })
  })

  afterAll(async () => {
    await dispatcher?.stop()
    await project?.close()
  })

  test('refuses a wake-up that is not signed, in JSON', async () => {
    const response = await dispatcher.post(makeWakeUp({ key: 'a secret of somebody else' }))

    expect([response.status, await response.json()]).toMatchObject([401, { code: 'SQ401' }])
  })

  test('answers a signed wake-up 202, runs every job, and says so in one line without a secret', async () => {
    const response = await dispatcher.post(makeWakeUp({ body: JSON.stringify({ queue: database.queue.id }) }))
    expect(response.status).toBe(202)
    const { run } = await response.json()

    const [summary] = await until(() => {
      const lines = dispatcher.lines()
      return lines.length > 0 && lines
    }, 'the run to end')

    expect(summary).toMatchObject({ run, queue: database.queue.id, reason: 'asleep', jobs: 10, success: 10 })
    expect(database.finished.size).toBe(10)
    expect(database.reports.map(({ result }) => result)).toContainEqual({ n: 7 })
    expect(dispatcher.said()).not.toContain('sb_secret')
    expect(dispatcher.said()).not.toContain(secret)
  })

  test("lets a wake-up in whose age only the database's clock can explain", async () => {
    aheadMs = 3_600_000
    const early = makeWakeUp({ at: Date.now() / 1000 + 3600 })

    expect((await dispatcher.post(early)).status).toBe(202)
    expect(project.heard.filter(({ body }) => body === '{"request":{}}')).toHaveLength(1)
  })
})

test('without its environment it starts all the same, and says what is missing', async () => {
  const dispatcher = await dispatch({})

  try {
    const response = await dispatcher.post(makeWakeUp())
    expect([response.status, await response.json()]).toMatchObject([500, {
      code: 'SQ500',
      message: expect.stringContaining('SUPAQUEUE_SECRET'),
    }])
  } finally {
    await dispatcher.stop()
  }
})

test('passes the type check of Deno', async () => {
  const child = spawn(denoProgram(), ['check', ...reading, entry], { env: quiet, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => said += chunk)
  const [code] = await once(child, 'exit')

  expect(code, said).toBe(0)
})
