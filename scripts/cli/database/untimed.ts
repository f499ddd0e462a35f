/**
 * In one message with `begin`: lifts for this transaction the timeouts that people set for a database or a role, those by which
 * PostgreSQL ends the whole connection among them. `transaction_timeout` came with 17.
 */
export const UNTIMED = `select pg_catalog.set_config(name, '0', true) from pg_catalog.pg_settings
  where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`
