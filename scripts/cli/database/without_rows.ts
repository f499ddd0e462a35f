import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** Where the ledger is there, and names nothing: whatever made the tables, no migration did. */
export const withoutRows = (): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    'the tables of supaqueue are in this database without the rows that belong to them, as a dump of the schema alone leaves them',
    'Nothing was changed. Restore the rows, too (pg_dump --data-only --schema supaqueue); or start over: pnpm supaqueue:remove, then pnpm supaqueue:install.',
  )
