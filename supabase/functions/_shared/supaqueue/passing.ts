// Connections, locks, deadlocks, resources, a server that ends or may only be read, its own faults, and what PostgREST
// says of its way to it. Every other code is about what was asked, or about what is installed.
const PASSING = /^(SQ50[34]|08|25006|40|53|55P03|55006|57|58|XX|PGRST00)/

/** Whether what failed with this code usually works when it is tried again unchanged. Without a code nobody knows. */
export const usuallyPasses = (code: string | null | undefined): boolean => !code || PASSING.test(code)

/** For a code that somebody's own SQL raised, or that nobody has explained. */
export const ELSEWHERE =
  'The code is one of PostgREST or PostgreSQL: their documentation explains it. A trigger of yours can raise any.'
