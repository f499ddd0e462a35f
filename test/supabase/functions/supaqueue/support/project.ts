import type { ServerResponse } from 'node:http'
import { startGateway } from '../../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../../scripts/dev/keys.ts'
import { startRestThin } from '../../../../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../../../../scripts/dev/stack/undo.ts'
import { connect } from '../../../../../supabase/functions/supaqueue/direct/driver.ts'
import { directOr } from '../../../../../supabase/functions/supaqueue/direct/direct.ts'
import { rpc } from '../../../../../supabase/functions/supaqueue/turn/rpc.ts'
import type { Ask } from '../../../../../supabase/functions/supaqueue/turn/transport.ts'
import { testDatabase } from '../../../../support/database.ts'
import { until } from './server.ts'

/** A database of the test's own behind the stand-in for the Data API; functions answer as told. */
export async function openProject(
  answer: (response: ServerResponse, job: number) => unknown = (response) => response.end(),
) {
  const undo = makeUndo()
  const database = await testDatabase()
  undo.add(database.drop)
  const keys = await makeKeys()
  const rest = await startRestThin({ databaseUrl: database.authenticatorUrl })
  undo.add(rest.stop)
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  const edge = {
    handle: (request: { headers: Record<string, unknown> }, response: ServerResponse) =>
      answer(response, Number(request.headers['supaqueue-job-id'])),
    names: () => [],
  }
  gateway.open({ rest, edge: edge as never })

  return {
    database,
    url: gateway.url,
    keys,
    close: () => undo.run(),

    overRpc: (key = keys.secret): Ask => rpc({ supabaseUrl: gateway.url, key, fetch }),

    /** A connection that is there already. */
    async overConnection(url: string): Promise<Ask> {
      let isOpen = false
      const transport = directOr(() => Promise.resolve({ jobs: [{}] }), {
        url,
        connect: async (...to) => {
          const client = await connect(...to)
          isOpen = true
          return client
        },
        now: () => performance.now(),
        after(ms, ring) {
          const timer = setTimeout(ring, ms)
          return () => clearTimeout(timer)
        },
        warn: (error) => {
          throw error
        },
        isolate: { directAfter: 0 },
      })
      undo.add(() => Promise.resolve(transport.close()))
      await transport.ask({})
      await until(() => isOpen, 'the connection')
      return transport.ask
    },
  }
}

export type Project = Awaited<ReturnType<typeof openProject>>
