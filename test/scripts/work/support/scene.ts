import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openWork, type WorkOptions } from '../../../../scripts/work/work.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'
import { type TestDatabase, testDatabase } from '../../../support/database.ts'
import { harness } from '../../../support/harness.ts'

/** A database with supaqueue in it, and a URL to call. */
export async function openScene() {
  const ends: (() => unknown)[] = []
  const calls: number[] = []
  const answer = { with: (response: ServerResponse, _: IncomingMessage): unknown => response.end('{}') }
  const server = createServer((request, response) => {
    calls.push(Number(request.headers['supaqueue-job-id']))
    request.resume()
    request.on('end', () => void answer.with(response, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    url,
    calls,
    answer,

    /** One more database. */
    async database() {
      const database = await testDatabase()
      ends.push(() => database.drop())
      const owner = harness(await database.connect('owner'))
      await owner.db.query(`insert into supaqueue.setting values ('allow_private_targets', 'on')`)
      return { ...database, owner, ...verbs(owner, url) }
    },

    /** A process that serves them, in this one. */
    async work(databases: TestDatabase[], options: Partial<WorkOptions> = {}, env: Record<string, string> = {}) {
      const notes: string[] = []
      const opened = await openWork(
        {
          dbUrl: databases.map(({ ownerUrl }) => ownerUrl),
          queue: [],
          concurrency: 100,
          connections: 4,
          host: '127.0.0.1',
          ...options,
        },
        { ...silentDeps({ env, cwd: '/nowhere' }), say: () => {}, note: (line) => void notes.push(line) },
      )
      ends.unshift(() => opened.stop())
      return { ...opened, notes }
    },

    async close() {
      for (const end of ends.splice(0)) await end()
    },
  }
}

const verbs = (owner: ReturnType<typeof harness>, url: string) => ({
  /** A queue for the URL. */
  queue: (settings: Parameters<typeof owner.queue>[0] = {}) =>
    owner.queue({ url, signing_secrets: [], workers: 5, ...settings }),
  done: async (queue: string): Promise<number> =>
    (await owner.db.query(
      `select count(*)::int as done from supaqueue.job where queue = $1 and status = 'success'`,
      [queue],
    )).rows[0].done,
  processes: async () => (await owner.db.query('select * from supaqueue.process')).rows,
  /** Requests that pg_net was given, ever. */
  wakeUps: async (): Promise<number> =>
    (await owner.db.query('select count(*)::int as count from net.http_request_queue')).rows[0].count,
})

export type Scene = Awaited<ReturnType<typeof openScene>>
export type SceneDatabase = Awaited<ReturnType<Scene['database']>>
