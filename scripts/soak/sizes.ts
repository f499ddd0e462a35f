import type pg from 'pg'

/** What a table takes up on disk, in kilobytes. */
export type Size = { table: string; kb: number; indexes_kb: number }

/** The sizes of supaqueue's tables, and of pg_net's. */
export async function readSizes(db: pg.Client): Promise<Size[]> {
  const { rows } = await db.query<Size>(`
    select
      oid::regclass::text as table,
      (pg_table_size(oid) / 1024)::int as kb,
      (pg_indexes_size(oid) / 1024)::int as indexes_kb
    from pg_class
    where relkind = 'r' and relnamespace in ('supaqueue'::regnamespace, 'net'::regnamespace)
    order by 1
  `)
  return rows
}
