import type { DatabaseError } from 'pg'

/** The error that some work ends in, with its code and hint; fails when there is none. */
export async function refusal(work: Promise<unknown>): Promise<DatabaseError> {
  const nothing = Symbol()
  const reason = await work.then(() => nothing, (error: unknown) => error)
  if (reason === nothing) throw new Error('it was not refused')
  return reason as DatabaseError
}
