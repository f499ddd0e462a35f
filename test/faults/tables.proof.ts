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

const RULES = {
  'a rule that does nothing instead of an update': rule('update'),
  'a rule that does nothing instead of a delete': rule('delete'),
  'a rule that does nothing instead of an insert': rule('insert'),
}

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
  },
  { stops: (table, harm) => REFUSED.includes(`${table}: ${harm}`) },
)
