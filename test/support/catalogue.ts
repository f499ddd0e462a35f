import type pg from 'pg'

const lines = `
  select format('schema %I %s %s', nspname, nspacl, obj_description(oid, 'pg_namespace')) as line
  from pg_namespace where nspname in ('supaqueue', 'supaqueue_internal')
  union all
  select format('relation %I %s owner %s acl %s rls %s %s options %s: %s', relname, relkind, relowner::regrole, relacl,
    relrowsecurity, relforcerowsecurity, reloptions, obj_description(oid, 'pg_class'))
  from pg_class where relnamespace = 'supaqueue'::regnamespace
  union all
  select format('column %I.%s %I %s not null %s default %s identity %s acl %s: %s', relname,
    row_number() over (partition by attrelid order by attnum), attname, format_type(atttypid, atttypmod), attnotnull,
    pg_get_expr(adbin, adrelid), attidentity, attacl, col_description(attrelid, attnum))
  from pg_attribute
  join pg_class on pg_class.oid = attrelid and relkind in ('r', 'v')
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relnamespace = 'supaqueue'::regnamespace and attnum > 0 and not attisdropped
  union all
  select format('constraint %I on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
  from pg_constraint where connamespace = 'supaqueue'::regnamespace
  union all
  select format('index %s', pg_get_indexdef(indexrelid))
  from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = 'supaqueue'::regnamespace
  union all
  select format('trigger %s %s', tgenabled, pg_get_triggerdef(pg_trigger.oid))
  from pg_trigger join pg_class on pg_class.oid = tgrelid
  where relnamespace = 'supaqueue'::regnamespace and not tgisinternal
  union all
  select format('policy %I on %s', polname, polrelid::regclass) from pg_policy
  union all
  select format('function owner %s acl %s: %s; %s', proowner::regrole, proacl, obj_description(oid, 'pg_proc'),
    pg_get_functiondef(oid))
  from pg_proc where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)
  union all
  select format('type %I acl %s: %s', typname, typacl,
    (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = pg_type.oid))
  from pg_type where typnamespace = 'supaqueue'::regnamespace
  union all
  select format('migration %s %s', name, checksum) from supaqueue.migration
  union all
  select format('cron %s %s %s', jobname, schedule, command) from cron.job
  order by line`

/** All that supaqueue is in a database, a line for each thing: two of the same are the same installation. */
export const catalogue = async (db: pg.Client): Promise<string[]> =>
  (await db.query<{ line: string }>(lines)).rows.map((row) => row.line)
