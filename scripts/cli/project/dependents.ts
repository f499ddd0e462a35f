import { MADE_ROUTINES, OWN_SCHEMAS, ownRoutines, ownTables } from '../database/own.ts'
import type { Database } from './database.ts'

/** Something of the user's own that `drop schema supaqueue cascade` would take along. */
export type Dependent = {
  /** As it is asked for: `public.invoice.invoice_job_fkey`, `public.my_view`. */
  name: string
  /** As Postgres describes it. */
  what: string
}

/** Everything outside the schema that hangs on something inside: foreign keys, views, columns, functions, triggers. */
export async function dependents(db: Database): Promise<Dependent[]> {
  return await db.query<Dependent>(`
    with ours as (
      select n.oid from pg_namespace as n where n.nspname in ('supaqueue', 'supaqueue_internal')
    ),
    inside as (
      select 'pg_class'::regclass as classid, c.oid as objid from pg_class as c
      where c.relnamespace in (table ours)
      union all
      select 'pg_type'::regclass, t.oid from pg_type as t where t.typnamespace in (table ours)
      union all
      select 'pg_proc'::regclass, p.oid from pg_proc as p where p.pronamespace in (table ours)
      union all
      -- A foreign key depends on the index that makes its target unique.
      select 'pg_constraint'::regclass, k.oid from pg_constraint as k where k.connamespace in (table ours)
    ),
    hanging as (
      select distinct d.classid, d.objid, d.objsubid
      from pg_depend as d
      join inside on inside.classid = d.refclassid and inside.objid = d.refobjid
      where d.deptype in ('n', 'a')
    ),
    outside as (
      -- A constraint, by its table.
      select format('%s.%I', k.conrelid::regclass, k.conname) as name,
        pg_describe_object(h.classid, h.objid, h.objsubid) as what
      from hanging as h
      join pg_constraint as k on h.classid = 'pg_constraint'::regclass and k.oid = h.objid
      where k.connamespace not in (table ours)
      union
      -- A view, by itself: what depends is its rule.
      select r.ev_class::regclass::text, pg_describe_object('pg_class'::regclass, r.ev_class, 0)
      from hanging as h
      join pg_rewrite as r on h.classid = 'pg_rewrite'::regclass and r.oid = h.objid
      join pg_class as c on c.oid = r.ev_class
      where c.relnamespace not in (table ours)
      union
      -- A trigger of the user's on a table of ours.
      select format('%s.%I', t.tgrelid::regclass, t.tgname), pg_describe_object('pg_trigger'::regclass, t.oid, 0)
      from pg_trigger as t
      join pg_class as c on c.oid = t.tgrelid
      join pg_proc as p on p.oid = t.tgfoid
      where c.relnamespace in (table ours)
        and not t.tgisinternal
        and p.pronamespace not in (table ours)
      union
      -- A column of one of our types, or a function that takes one.
      select (pg_identify_object(h.classid, h.objid, h.objsubid)).identity, pg_describe_object(h.classid, h.objid, h.objsubid)
      from hanging as h
      where (
        h.classid = 'pg_class'::regclass
        and (select c.relnamespace from pg_class as c where c.oid = h.objid) not in (table ours)
      ) or (
        h.classid = 'pg_proc'::regclass
        and (select p.pronamespace from pg_proc as p where p.oid = h.objid) not in (table ours)
      )
    )
    select name, what from outside
    where what not like 'toast%'
    order by name`)
}

/**
 * What of the user's own stands inside the schemas, of whatever kind: tables, views, functions, types, extensions. Ours are known
 * by their names, of this release and by the ledger of what was applied; a function of ours by its comment besides.
 */
export async function lodgers(db: Database): Promise<Dependent[]> {
  return await db.query<Dependent>(
    `with standing as (
      select d.classid, d.objid, n.nspname
      from pg_depend as d
      join pg_namespace as n on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
      where n.nspname = any ($1)
        and d.deptype = 'n'
        -- Parts of something else go with it: sequences of columns, members of extensions.
        and not exists (
          select from pg_depend as part
          where part.classid = d.classid and part.objid = d.objid and part.deptype in ('a', 'i', 'e')
        )
    ),
    known as (
      select unnest($3::text[]) as routine
      union
      select regexp_replace(path, '^.*[/\\\\]|\\.sql$', '', 'g') from ${await ledgerOf(db)}
    )
    select (pg_identify_object(s.classid, s.objid, 0)).identity as name, pg_describe_object(s.classid, s.objid, 0) as what
    from standing as s
    left join pg_class as c on s.classid = 'pg_class'::regclass and c.oid = s.objid
    left join pg_type as t on s.classid = 'pg_type'::regclass and t.oid = s.objid
    left join pg_proc as p on s.classid = 'pg_proc'::regclass and p.oid = s.objid
    where case
      when p.oid is not null
        then p.proname not in (select routine from known) and not (s.nspname = 'supaqueue_internal' and p.proname ~ $4)
          or obj_description(p.oid, 'pg_proc') is null
      when c.relkind = 'v' then c.relname not in (select routine from known)
      when c.oid is not null then c.relname <> all ($2)
      when t.oid is not null then t.typname <> all ($2)
      else true
    end
    order by 1`,
    [OWN_SCHEMAS, ownTables(), ownRoutines(), MADE_ROUTINES],
  )
}

/** Of a release from before that ledger, nothing. */
async function ledgerOf(db: Database): Promise<string> {
  const [ledger] = await db.query<{ exists: boolean }>(
    `select to_regclass('supaqueue.applied_file') is not null as exists`,
  )
  return ledger?.exists ? 'supaqueue.applied_file' : `(select null::text as path where false) as none`
}
