import type { ClientBase } from 'pg'
import { GENERATED, item, wrapped } from './markdown.ts'

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
    wrapped(
      'Call them in SQL, or by `rpc` with a secret key. A queue is named by its name or its id. The other pages of the ' +
        'reference have the details.',
    ),
    ...rows.flatMap(({ schema, name, takes, gives, comment }) => [
      `## ${schema === 'public' ? 'public.' : ''}${name}`,
      `\`\`\`text\n${signature(name, takes, gives)}\n\`\`\``,
      wrapped(comment ?? ''),
    ]),
    '## Views',
    views.map(({ name, comment }) => item(`\`${name}\`: ${comment ?? ''}`)).join('\n'),
  ].join('\n\n') + '\n'
}

/** A function as it is called: in one line, or an argument a line. */
function signature(name: string, takes: string, gives: string): string {
  const [inputs, outputs] = [argumentsOf(takes, false), argumentsOf(takes, true)]
  const returns = outputs.length > 0 ? `(\n  ${outputs.join(',\n  ')}\n)` : gives
  const line = `${name}(${inputs.join(', ')}) returns ${returns}`
  return !line.includes('\n') && line.length <= 100 ? line : `${name}(\n  ${inputs.join(',\n  ')}\n) returns ${returns}`
}

const argumentsOf = (takes: string, out: boolean): string[] =>
  takes
    .replace(/::[\w .]+(\[\])?/g, '')
    .replace(/ DEFAULT /g, ' = ')
    .split(', ')
    .filter((one) => one !== '' && one.startsWith('OUT ') === out)
    .map((one) => one.replace(/^OUT /, ''))
