import { userInfo } from 'node:os'
import type { Target } from '../cli/project/open.ts'

/** What the command line says. */
export type ConsoleOptions = Target & { port: number; readOnly?: boolean; embedded?: boolean; person?: string }

export type ConsoleCommand = Target & { port: number; readOnly: boolean; embedded: boolean; person: string }

/** The same with what is so where nothing was said. */
export function consoleCommand(options: ConsoleOptions, env: Record<string, string | undefined>): ConsoleCommand {
  const { readOnly = false, embedded = false, person = loginName() } = options
  const dbUrl = options.dbUrl ?? (embedded ? undefined : env.SUPAQUEUE_DB_URL)
  return { ...options, readOnly, embedded, person, ...(dbUrl && { dbUrl }) }
}

/** Nobody, where the system has no name for whoever runs this. */
function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
