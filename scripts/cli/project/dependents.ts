import { addonNames } from '../database/addons.ts'
import {
  addonPublicNames,
  MADE_ROUTINES,
  OWN_SCHEMAS,
  ownColumns,
  ownIndexes,
  ownRoutines,
  ownTables,
  publicNames,
} from '../database/own.ts'
import type { Database } from './database.ts'

/** Something of the user's own that `drop schema supaqueue cascade` would take along. */
export type Dependent = {
  /** As it is asked for: `public.invoice.invoice_job_fkey`, `public.my_view`. */
  name: string
  /** As Postgres describes it. */
  what: string
}

// What the user has put upon tables of ours: it goes with them as their part.
const UPON_TABLES = `
  with mine as (
    select c.oid, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any ($1) and c.relkind in ('r', 'p') and c.relname = any ($6)
  )
  select 'pg_policy'::regclass as classid, p.oid as objid, 0 as objsubid from pg_policy as p join mine on mine.oid = p.polrelid
  union all
  select 'pg_rewrite'::regclass, r.oid, 0 from pg_rewrite as r join mine on mine.oid = r.ev_class
  union all
  select 'pg_trigger'::regclass, t.oid, 0 from pg_trigger as t
  join mine on mine.oid = t.tgrelid
  join pg_proc as p on p.oid = t.tgfoid
  where not t.tgisinternal and p.pronamespace not in (table ours)
  union all
  select 'pg_class'::regclass, a.attrelid, a.attnum from pg_attribute as a join mine on mine.oid = a.attrelid
  where a.attnum > 0 and not a.attisdropped and format('%s.%s', mine.relname, a.attname) <> all ($7)
  union all
  select 'pg_class'::regclass, i.indexrelid, 0 from pg_index as i
  join mine on mine.oid = i.indrelid
  join pg_class as c on c.oid = i.indexrelid
  where c.relname <> all ($8) and not exists (select from pg_constraint as k where k.conindid = i.indexrelid and k.conrelid = i.indrelid)
  union all
  select 'pg_constraint'::regclass, k.oid, 0 from pg_constraint as k join mine on mine.oid = k.conrelid
  left join pg_class as target on target.oid = k.confrelid
  where k.contype in ('c', 'u', 'x') and k.conname <> all ($8)
    or k.contype = 'f' and target.relnamespace not in (table ours)
  union all
  select 'pg_statistic_ext'::regclass, s.oid, 0 from pg_statistic_ext as s join mine on mine.oid = s.stxrelid
  union all
  select 'pg_publication_rel'::regclass, r.oid, 0 from pg_publication_rel as r join mine on mine.oid = r.prrelid
  union all
  select 'pg_publication_namespace'::regclass, s.oid, 0 from pg_publication_namespace as s
  join pg_namespace as n on n.oid = s.pnnspid
  where n.nspname = any ($1)`

/**
 * Everything of the user's that goes when ours goes, however many steps away: what a drop takes along, and what `drop function`
 * would refuse. Asks the catalog as a drop with cascade does. What goes as a part of something that is named is not named again.
 * `keepData`: only functions and views go, and the tables stay.
 */
export async function dependents(db: Database, { keepData = false } = {}): Promise<Dependent[]> {
  const theirs = keepData ? (await additions(db)).map(({ name }) => name) : []
  return await db.query<Dependent>(
    `with recursive ours as (
      select oid from pg_namespace
      where nspname = any ($1) or nspname = any ($2) and obj_description(oid, 'pg_namespace') ~ 'supaqueue'
    ),
    roots as (
      select 'pg_namespace'::regclass as classid, n.oid as objid from pg_namespace as n
      where n.oid in (table ours) and not ($4 and n.nspname = any ($1))
      union all
      select 'pg_proc'::regclass, p.oid from pg_proc as p
      where p.pronamespace = 'public'::regnamespace and p.proname = any ($3)
        and obj_description(p.oid, 'pg_proc') ~ 'supaqueue'
      union all
      select 'pg_proc'::regclass, p.oid from pg_proc as p
      where $4 and p.pronamespace in (table ours)
        and (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity <> all ($5)
      union all
      select 'pg_class'::regclass, c.oid from pg_class as c
      where $4 and c.relkind = 'v' and c.relnamespace = to_regnamespace('supaqueue')
        and (pg_identify_object('pg_class'::regclass, c.oid, 0)).identity <> all ($5)
    ),
    going as (
      select classid, objid, 0 as objsubid from roots
      union
      select further.classid, further.objid, further.objsubid
      from going
      cross join lateral (
        select d.classid, d.objid, d.objsubid from pg_depend as d
        where d.refclassid = going.classid and d.refobjid = going.objid
          and (going.objsubid = 0 or d.refobjsubid = going.objsubid)
        union all
        -- A part that cannot go alone: the rule of a view, a column that rows are divided by.
        select d.refclassid, d.refobjid, d.refobjsubid from pg_depend as d
        where d.classid = going.classid and d.objid = going.objid and d.objsubid = going.objsubid
          and d.deptype in ('i', 'e')
      ) as further
    ),
    named as (
      select going.* from going
      where (classid, objid) not in (select classid, objid from roots)
        and not exists (
          select from pg_depend as d
          join going as whole on whole.classid = d.refclassid and whole.objid = d.refobjid
            and (whole.objsubid = 0 or whole.objsubid = d.refobjsubid)
          where d.classid = going.classid and d.objid = going.objid and d.objsubid = going.objsubid
            and (d.deptype <> 'n' or d.refclassid = 'pg_namespace'::regclass)
        )
        and not exists (
          select from going as whole
          where going.objsubid > 0
            and whole.classid = going.classid and whole.objid = going.objid and whole.objsubid = 0
        )
        -- Triggers of ours on tables of the user's: those of hooks.
        and not exists (
          select from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid
          where going.classid = 'pg_trigger'::regclass and t.oid = going.objid and p.pronamespace in (table ours)
        )
      union all
      select upon.classid, upon.objid, upon.objsubid from (${UPON_TABLES}) as upon
      where not $4
    )
    select case
        when k.oid is not null then format('%s.%I', k.conrelid::regclass, k.conname)
        when t.oid is not null then format('%s.%I', t.tgrelid::regclass, t.tgname)
        when named.classid = 'pg_attrdef'::regclass then 'default ' || identified.identity
        when named.classid in ('pg_policy'::regclass, 'pg_rewrite'::regclass)
          then identified.type || ' ' || identified.identity
        else identified.identity
      end as name,
      pg_describe_object(named.classid, named.objid, named.objsubid) as what
    from named
    cross join lateral pg_identify_object(named.classid, named.objid, named.objsubid) as identified
    left join pg_constraint as k on named.classid = 'pg_constraint'::regclass and k.oid = named.objid and k.conrelid <> 0
    left join pg_trigger as t on named.classid = 'pg_trigger'::regclass and t.oid = named.objid
    order by 1`,
    [
      OWN_SCHEMAS,
      addonNames(),
      [...publicNames(), ...addonPublicNames()],
      keepData,
      theirs,
      ownTables(),
      ownColumns(),
      ownIndexes(),
    ],
  )
}

/**
 * What of the user's own stands inside the schemas, of whatever kind: tables, views, functions, types, extensions. Ours are known
 * by their names, of this release and by the ledger of what was applied; a function of ours by its comment besides.
 */
export async function additions(db: Database): Promise<Dependent[]> {
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
