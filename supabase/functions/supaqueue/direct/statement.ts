/** The turn as one statement: a role that may call this function, and nothing else, is enough. */
export const DIRECT_TURN = 'select supaqueue_internal.direct_turn($1) as answer'

// What a connection of our own is asked runs as the Data API has it run, whatever the role or the database has set.

/** In the options of a connection: for all that is asked over it. */
export const OPTIONS =
  '-c statement_timeout=8s -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off'

/** The same as statements: some poolers in session mode take no options. */
export const SETTINGS = "set statement_timeout = '8s'; set default_transaction_isolation = 'read committed'; " +
  'set default_transaction_read_only = off'

/**
 * The same for text that is one transaction, with these values in place of $1, $2 and so on. For a pooler that gives a connection
 * for one transaction: nothing is prepared there, nothing stays set, and one message is one transaction.
 */
export const inOneMessage = (statement: string, ...values: string[]): string =>
  'set transaction isolation level read committed, read write; ' +
  `set local statement_timeout = '8s'; ${withValues(statement, ...values)}`

/** A statement with these values in place of $1, $2 and so on: a text of several statements takes no parameters. */
export const withValues = (statement: string, ...values: string[]): string =>
  statement.replace(/\$(\d)/g, (_, n) => literal(values[Number(n) - 1]!))

// Holds whatever standard_conforming_strings says.
const literal = (value: string): string => `E'${value.replace(/['\\]/g, '$&$&')}'`
