import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** What the command line says. */
export type DevOptions = {
  /** Of the API; the database takes the next one. */
  port: number
  dbUrl?: string
  /** The project to serve; where none is named, the one that the command is called in. */
  project?: string
  functions?: string
  reset?: boolean
  skipFailing?: boolean
}

/** The database that the command line names, or the environment. Throws a `SupaqueueError` if it is none. */
export function givenDatabase({ dbUrl }: DevOptions, env: Record<string, string | undefined>): string | undefined {
  const url = dbUrl ?? env.SUPAQUEUE_DB_URL
  if (url === undefined || /^postgres(ql)?:\/\//.test(url)) return url
  throw new SupaqueueError(
    'SQ422',
    `${dbUrl === undefined ? 'SUPAQUEUE_DB_URL' : '--db-url'} is not the URL of a Postgres`,
    'Write it as postgresql://user:password@host:port/database.',
  )
}
