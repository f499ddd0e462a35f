import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { wakeUpCheck } from '../../../scripts/cli/checks/chain.ts'
import { netCheck } from '../../../scripts/cli/checks/motion.ts'
import { openDatabase } from '../../../scripts/cli/project/database.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { startNetWorker } from '../../../scripts/dev/standins/net/worker.ts'
import { test } from '../../support/own.ts'
import { until } from '../../support/until.ts'

/** A server of the user's, which answers when it is told to. */
async function slowServer() {
  const held = new Set<ServerResponse>()
  const server = createServer((_, response) => void held.add(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = () => {
    for (const response of held) response.end()
    held.clear()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    held: () => held.size,
    answer,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

test('fifteen hundred requests of the user’s own go before a wake-up: doctor says whose they are, the place in line, and how long it takes', async ({ database }) => {
  const db = openDatabase(database.ownerUrl)
  const project = { db } as unknown as Project
  const nobody = () => Promise.resolve({ findings: [], processes: [] })
  const theirs = await slowServer()
  const line = async (condition = 'true') =>
    (await db.query<{ count: number }>(`select count(*)::integer from net.http_request_queue where ${condition}`))[0]!
      .count
  const fill = async () =>
    await db.query(
      `select net.http_post($1, '{}', timeout_milliseconds => 600000) from generate_series(1, $2::integer)`,
      [theirs.url, 1500 - await line(`url not like '%/supaqueue'`)],
    )
  await fill()
  const worker = await startNetWorker({ databaseUrl: database.adminUrl })

  try {
    await until(() => Promise.resolve(theirs.held() === 200))
    expect(await netCheck.inspect(project, nobody)).toMatchObject({
      ok: false,
      detail: 'busy: 1500 requests wait, 1500 of them not of supaqueue. A wake-up waits behind them, up to 4800 s',
    })

    // Once more when a busy machine looked after the batch that was to go meanwhile.
    let found
    do {
      await fill()
      const known = await line(`url like '%/supaqueue'`)
      const inspecting = wakeUpCheck(1000).inspect(project, nobody)
      await until(async () => await line(`url like '%/supaqueue'`) > known)
      await until(() => Promise.resolve(theirs.held() > 0))
      theirs.answer()
      found = await inspecting
    } while (/nor anything else/.test(found.detail))

    const [, ahead, seconds] =
      /busy with requests of others: a wake-up waits behind (\d+), at the pace of now another (\d+) s/
        .exec(found.detail)!.map(Number)
    expect(found.ok).toBe(false)
    expect(ahead).toBeGreaterThanOrEqual(1300)
    expect(seconds).toBe(Math.ceil(ahead! / 200))
    expect(found.fix).toMatch(/^select url, count\(\*\) from net.http_request_queue group by url/)
  } finally {
    await worker.kill()
    await worker.stop()
    await theirs.close()
    await db.end()
  }
})
