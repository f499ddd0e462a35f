import type { ClientBase } from 'pg'
import { GENERATED, table } from './markdown.ts'

type Routine = { schema: string; name: string; takes: string; gives: string; comment: string | null }

/** The functions and views that people use, with their arguments and comments. */
export async function functionsPage(db: ClientBase, people: { schema: string; name: string }[]): Promise<string> {
  const { rows } = await db.query<Routine>(
    `select routine.pronamespace::regnamespace::text as schema, routine.proname as name,
       pg_get_function_arguments(routine.oid) as takes, pg_get_function_result(routine.oid) as gives,
       obj_description(routine.oid, 'pg_proc') as comment
     from pg_proc as routine
     where routine.prokind = 'f' and (routine.pronamespace::regnamespace::text, routine.proname) in (
       select * from unnest($1::text[], $2::text[])
     )
     order by 1 desc, 2, 3`,
    [people.map(({ schema }) => schema), people.map(({ name }) => name)],
  )
  const { rows: views } = await db.query<{ name: string; comment: string | null }>(
    `select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
     where relnamespace = 'supaqueue'::regnamespace and relkind = 'v' order by relname`,
  )
  return [
    GENERATED,
    '# Functions',
    'In SQL, or by `rpc` with a secret key. A queue is named by its name or its id. The other pages of the reference' +
    '\nhave the details.',
    table(
      ['function', 'arguments', 'returns', 'what it does'],
      rows.map(({ schema, name, takes, gives, comment }) => [
        `\`${schema === 'public' ? 'public.' : ''}${name}\``,
        takes.replace(/::[\w .]+(\[\])?/g, '').replace(/ DEFAULT /g, ' = '),
        gives,
        comment ?? '',
      ]),
    ),
    '## Views',
    table(['view', 'what it shows'], views.map(({ name, comment }) => [`\`${name}\``, comment ?? ''])),
  ].join('\n\n') + '\n'
}
