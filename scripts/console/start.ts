import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Health } from '../../console/answers.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { makeActs } from './acts.ts'
import { makeGate } from './gate.ts'
import { makeHandler } from './handle.ts'
import { healthOfDatabase } from './health.ts'
import { buildPage, type PageFile } from './page.ts'
import { makeRoutes } from './routes.ts'
import { makeShare, type Share } from './share.ts'
import { openSource } from './source.ts'

export type ConsoleOptions = {
  /** Of a role that may become service_role. */
  databaseUrl: string
  /** 0 for any that is free. */
  port?: number
  readOnly?: boolean
  /** Who sits before it, as the audit is to say. */
  person?: string
  /** What doctor says; of the database alone if not given. */
  health?: () => Promise<Health>
  /** Built anew if not given. */
  page?: Map<string, PageFile>
  share?: Share
}

export type Console = {
  /** With the token: for the one who started it. */
  address: string
  /** Without it. */
  origin: string
  stop(): Promise<void>
}

/** Serves the console on loopback until `stop`. Throws a `SupaqueueError` when the port is taken. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { databaseUrl, port = 0, readOnly = false } = options
  const page = options.page ?? await buildPage()
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 })
  // Who opens more than that waits; without a bound, the process would run out of what it may open.
  server.maxConnections = 250
  const portOf = () => (server.address() as AddressInfo).port
  const gate = makeGate(portOf)
  const source = openSource(databaseUrl, options.person)
  const me = { database: nameOf(databaseUrl), readOnly }
  const ofDatabase = options.health ? undefined : healthOfDatabase(databaseUrl)
  const health = options.health ?? ofDatabase!.read
  const share = options.share ?? makeShare()
  server.on(
    'request',
    makeHandler({
      gate,
      page,
      share,
      routes: makeRoutes({ source, me, health }),
      acts: readOnly ? undefined : makeActs(source),
    }),
  )

  await new Promise<void>((resolve, reject) => {
    server.once('error', (reason: NodeJS.ErrnoException) => {
      reject(
        reason.code === 'EADDRINUSE'
          ? new SupaqueueError('SQ409', `Port ${port} is taken.`, 'Give another one by --port, or 0 for any.')
          : reason,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  }).catch(async (reason) => {
    await source.end()
    throw reason
  })
  // A connection that could not be taken says so here, and is no reason to end.
  server.on('error', () => {})

  const origin = `http://127.0.0.1:${portOf()}`
  return {
    origin,
    address: `${origin}/#token=${gate.token}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await source.end()
      await ofDatabase?.end()
    },
  }
}

function nameOf(databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl)
  return `${hostname}:${port || 5432}${pathname}`
}
