import { befalls, type Harm } from './support/befall.ts'

// What else a user may put on each of our tables: checks, foreign keys, rules.

/** Refers to the rows that are hurt, by their key. */
const foreignKey = (looks: string): Harm => (table, keys) => {
  // Of what has no key nothing can be referred to.
  if (keys === null) return { come: 'select', go: 'select' }
  return {
    come: `create table public.mine as select ${keys} from supaqueue.${table} where public.hurts(to_jsonb(${table}));
      alter table public.mine add foreign key (${keys}) references supaqueue.${table} (${keys}) ${looks}`,
    go: 'drop table public.mine',
  }
}

const rule = (event: 'insert' | 'update' | 'delete'): Harm => (table) => ({
  come: `create rule harm as on ${event} to supaqueue.${table}
    where public.hurts(to_jsonb(${event === 'insert' ? 'new' : 'old'})) do instead nothing`,
  go: `drop rule harm on supaqueue.${table}`,
})

/** Rows that come while it is there have one key, all other rows one of their own: the second is refused. */
const sameKey = (kind: 'unique' | 'exclusion'): Harm => (table) => ({
  come: `create sequence public.own_key; create table public.armed (by text);
    create function public.key_of(seen supaqueue.${table}) returns bigint language plpgsql immutable security definer as $$
    begin
      -- While the index is made nothing may be read of what it is made on.
      if exists (select from public.armed) then
        if public.hurts(to_jsonb(seen)) then return 0; end if;
      end if;
      return nextval('public.own_key');
    end $$;
    ${
    kind === 'unique'
      ? `create unique index harm on supaqueue.${table} (public.key_of(${table}.*))`
      : `alter table supaqueue.${table} add constraint harm exclude (public.key_of(${table}.*) with =)`
  };
    insert into public.armed values ('now')`,
  go: kind === 'unique' ? 'drop index supaqueue.harm' : `alter table supaqueue.${table} drop constraint harm`,
  sweep: `drop function public.key_of(supaqueue.${table}); drop sequence public.own_key; drop table public.armed`,
})

const RULES = {
  'a rule that does nothing instead of an update': rule('update'),
  'a rule that does nothing instead of a delete': rule('delete'),
  'a rule that does nothing instead of an insert': rule('insert'),
}

const UNIQUE = {
  'a unique index': sameKey('unique'),
  'an exclusion constraint': sameKey('exclusion'),
}

// Of a column that nobody fills no row at all can be written.
const REQUIRED = 'a column that must not be null and has no default'

// With such a rule PostgreSQL refuses "returning" for every row of the table.
const REFUSED = [
  'job: a rule that does nothing instead of an update',
  'current_job: a rule that does nothing instead of an insert',
  'current_job: a rule that does nothing instead of a delete',
  'unsettled: a rule that does nothing instead of a delete',
]

befalls(
  {
    'a check that is not yet valid': (table) => ({
      come: `alter table supaqueue.${table} add constraint harm check (not public.hurts(to_jsonb(${table}))) not valid`,
      go: `alter table supaqueue.${table} drop constraint harm`,
    }),
    'a foreign key to its rows': foreignKey(''),
    'a foreign key to its rows that looks at the commit': foreignKey('deferrable initially deferred'),
    ...RULES,
    ...UNIQUE,
    [REQUIRED]: (table) => ({
      come: `alter table supaqueue.${table} add column mine text not null default '';
        alter table supaqueue.${table} alter column mine drop default`,
      go: `alter table supaqueue.${table} alter column mine drop not null`,
      sweep: `alter table supaqueue.${table} drop column mine`,
    }),
  },
  {
    // Named where only supaqueue writes; elsewhere once something was refused.
    delays: (table, harm) => harm in UNIQUE && !['queue', 'worker', 'job'].includes(table),
    stops: (table, harm) => harm === REQUIRED || REFUSED.includes(`${table}: ${harm}`),
  },
)
