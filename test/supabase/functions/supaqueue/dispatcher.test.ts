import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { openDispatcher } from '../../../../supabase/functions/supaqueue/dispatcher.ts'
import { nodeDeps } from './support/deps.ts'
import { serve, type Server, until } from './support/server.ts'
import { secret } from './support/wake_up.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** A dispatcher beside a database that keeps every run awake until it stops. */
async function open() {
  const server = await serve((response, { body }) => {
    const { stop } = JSON.parse(body).request
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ now_ms: Date.now(), state: stop ? 'leave' : 'awake', leader: !stop }))
  })
  servers.push(server)
  const { deps, logs, work } = nodeDeps()
  const dispatcher = openDispatcher({
    ...deps,
    env: { SUPABASE_URL: server.url, SUPABASE_SECRET_KEY: 'sb_secret_1', SUPAQUEUE_SECRET: secret },
  })
  return { dispatcher, logs, work, turns: () => server.heard.map(({ body }) => JSON.parse(body).request) }
}

describe('a dispatcher', () => {
  test('starts a run for each wake-up, keeps the isolate until it is over, and logs one line about it', async () => {
    const { dispatcher, logs, work, turns } = await open()
    const queue = randomUUID()

    const run = dispatcher.start({ queue })
    await until(() => turns().length > 1, 'the run to poll')
    expect(work).toHaveLength(1)
    dispatcher.unload()
    await work[0]

    expect(turns()[0]).toMatchObject({ run, queue, hello: true })
    expect(logs).toMatchObject([{ run, queue, reason: 'unload' }])
  })

  test('tells all its runs when the isolate is about to end', async () => {
    const { dispatcher, work, turns } = await open()
    const runs = [dispatcher.start({ queue: randomUUID() }), dispatcher.start({ queue: randomUUID() })]
    await until(() => turns().length > 3, 'both runs to poll')

    dispatcher.unload()
    await Promise.all(work)

    expect(turns().filter(({ stop }) => stop).map(({ run }) => run).sort()).toEqual(runs.sort())
  })
})
