/** The turn as one statement: a role that may call this function, and nothing else, is enough. */
export const DIRECT_TURN = 'select supaqueue_internal.direct_turn($1) as answer'

/**
 * Text that is one transaction, run as the Data API has it run, with these values in place of $1, $2 and so on. For a pooler that
 * gives a connection for one transaction: nothing is prepared there, nothing stays set, and one message is one transaction.
 */
export const inOneMessage = (statement: string, ...values: string[]): string =>
  'set transaction isolation level read committed, read write; ' +
  `set local statement_timeout = '8s'; ${statement.replace(/\$(\d)/g, (_, n) => literal(values[Number(n) - 1]!))}`

// Holds whatever standard_conforming_strings says.
const literal = (value: string): string => `E'${value.replace(/['\\]/g, '$&$&')}'`
