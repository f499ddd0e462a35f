import { AsyncLocalStorage } from 'node:async_hooks'
import { describeError } from '../rpc/error.ts'
import { asResponse } from './answer.ts'
import type { LiteConnection } from './connection.ts'

type Attempt = { reason?: unknown }

/**
 * Answers errors of the database as PostgREST does. Lite answers codes that it does not know with 500, drops hints, and
 * prints every one with its stack, though the client gets it as the answer.
 */
export function listenForErrors(connection: LiteConnection) {
  const attempts = new AsyncLocalStorage<Attempt>()

  const normalize = connection.normalizeDbError.bind(connection)
  connection.normalizeDbError = (reason) => {
    const attempt = attempts.getStore()
    if (attempt && /^[0-9A-Z]{5}$/.test(codeOf(reason))) attempt.reason = reason
    return normalize(reason)
  }
  const print = console.error
  console.error = (...words) => attempts.getStore() ? undefined : print(...words)

  return {
    async answer(role: string, work: () => Promise<Response>): Promise<Response> {
      const attempt: Attempt = {}
      const response = await attempts.run(attempt, work)
      if (response.ok || attempt.reason === undefined) return response
      return asResponse(describeError(attempt.reason, role))
    },
    end: () => void (console.error = print),
  }
}

const codeOf = (reason: unknown): string => String((reason as { code?: unknown } | undefined)?.code)
