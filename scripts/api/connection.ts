import { openPool } from '../cli/connection/client.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import {
  type Ask,
  away,
  errorOf,
  ill,
  isRefusal,
  noFunction,
  refused,
  TIMEOUT_MS,
} from '../../supabase/functions/supaqueue-api/database.ts'
import { inOneMessage, OPTIONS } from '../../supabase/functions/supaqueue/direct/statement.ts'

/** Where the database is. `pooled`: by a pooler that gives a connection for one transaction. */
export type Target = { url: string; pooled: boolean }

/** The HTTP API as one statement: a role that may call this function, and nothing else, is enough. */
const STATEMENT = 'select supaqueue_internal.direct_api($1, $2) as answer'

// Connections are few: what was not used for so long is given back.
const IDLE_MS = 10_000

/** Asks over connections of its own, at most `most`. */
export function openConnection({ url, pooled }: Target, most: number): { ask: Ask; end(): Promise<void> } {
  const pool = openPool({
    connectionString: url,
    application_name: 'supaqueue api',
    max: most,
    idleTimeoutMillis: IDLE_MS,
    // A pooler by transactions takes no options.
    ...(!pooled && { options: OPTIONS }),
  })

  return {
    async ask(asked, given) {
      try {
        const values = [asked, JSON.stringify(given)]
        const answers = await pool.query({
          ...(pooled
            ? { text: inOneMessage(STATEMENT, ...values) }
            : { name: 'supaqueue_api', text: STATEMENT, values }),
          ...{ query_timeout: TIMEOUT_MS },
        })
        // One for each statement of a text with several.
        return [answers].flat().at(-1)?.rows[0]?.answer
      } catch (reason) {
        throw errorOfConnection(reason as DriverError)
      }
    },
    end: () => pool.end(),
  }
}

type DriverError = Error & { severity?: string; code?: string; hint?: string }

/** What an error of the driver means for whoever knocked: as by the Data API, where the server said it of the statement. */
export function errorOfConnection(reason: DriverError): Error {
  const { severity, code = '', message, hint = '' } = reason
  if (reason instanceof SupaqueueError) return ill(message, hint)
  if (severity === 'ERROR') {
    if ((code === '42883' || code === '3F000') && /\bdirect_api\b|supaqueue_internal/.test(message)) {
      return noFunction(message, 'Run the installer again: npx supaqueue install --with api.')
    }
    if (code === '42501' && !isRefusal(code, message)) {
      return refused(
        message,
        'The role must be postgres, or one that may what service_role may, or the one that install --api-role made.',
      )
    }
    return errorOf(500, { code, message, hint })
  }
  // Names that the server does not know: of a role with its password, of a database.
  if (/^(28|3D000)/.test(code)) {
    return ill(
      `the database refused the connection: ${message}`,
      'Look at user, password and database of SUPAQUEUE_DB_URL.',
    )
  }
  return away(message)
}
