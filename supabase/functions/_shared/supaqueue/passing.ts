// Connections, locks, deadlocks, resources, a server that ends or may only be read, its own faults, and what PostgREST
// says of its way to it. Every other code is about what was asked, or about what is installed.
const PASSING = /^(SQ50[34]|08|25006|40|53|55P03|55006|57|58|XX|PGRST00)/

/** Whether what failed with this code usually works when it is tried again unchanged. Without a code nobody knows. */
export const usuallyPasses = (code: string | null | undefined): boolean => !code || PASSING.test(code)

/** For a code that somebody's own SQL raised, or that nobody has explained. */
export const ELSEWHERE =
  'The code is one of PostgREST or PostgreSQL: their documentation explains it. A trigger of yours can raise any, and so ' +
  'can the function that db_pre_request names.'

/** PostgREST has not read what it is to serve. From 13 on it answers nothing while one of its schemas is not there. */
export const UNREAD =
  'If it does not pass: a schema that the Data API serves may be missing. supaqueue doctor says which.'

/** Something of ours that PostgREST knows and the database has no more, or has in another form: one of them is older. */
export const isGone = (code: string | null | undefined, message = ''): boolean =>
  /^(42883|42P01|3F000)$/.test(code ?? '') && /\bsupaqueue/.test(message)
