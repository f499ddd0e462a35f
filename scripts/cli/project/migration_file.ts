import { addonFiles } from '../database/addons.ts'
import { functionFiles, migrationFiles, OPTIONAL_MODULES, type SqlFile } from '../database/files.ts'
import { publicNames } from '../database/own.ts'
import { identifier, literal } from '../database/quote.ts'
import { KEEP_RIGHTS, REMEMBER_GRANTS } from '../database/units.ts'
import { OCCUPANT, STRANGERS } from './occupant.ts'
import { extensions } from '../steps/extensions.ts'

/** One part of a migration file of ours, named so that a later one can see what it brought. */
type Section = { title: string; checksum: string; sql: string }

const heading = ({ title, checksum }: Section) => `-- supaqueue: ${title} ${checksum}`
const headings = /^-- supaqueue: (\S+) ([0-9a-f]{64})$/gm

/**
 * The text of a migration that brings a project from what its migration files say to this release; undefined when they say it
 * all. `earlier` are the texts of those files, in order; `functionsUrl` is where the hosted functions answer, if known.
 * `addons` are wanted beside those that `earlier` has.
 */
export function migrationText(
  earlier: string[],
  functionsUrl: string | undefined,
  addons: string[] = [],
): string | undefined {
  const known = new Map<string, string>()
  for (const text of earlier) {
    for (const [, title = '', checksum = ''] of text.matchAll(headings)) known.set(title, checksum)
  }
  const wanted = OPTIONAL_MODULES.filter((addon) =>
    addons.includes(addon) || [...known.keys()].some((title) => title.startsWith(`functions/modules/${addon}/`))
  )
  const missing = sections(wanted).filter(({ title, checksum }) => known.get(title) !== checksum)
  if (missing.length === 0) return undefined
  return [
    intro,
    known.size === 0 ? guard() + preamble : `${REMEMBER_GRANTS}\n`,
    ...missing.map((section) => `${heading(section)}\n\n${section.sql.trim()}\n`),
    functionsUrl && known.size === 0 ? settingOf(functionsUrl) : '',
    `${KEEP_RIGHTS}\nselect supaqueue_internal.schedule_sweep();\nnotify pgrst, 'reload schema';\n`,
  ].filter((part) => part !== '').join('\n')
}

/** For the local stack alone: there the functions answer elsewhere. */
export const seedText = (functionsUrl: string): string =>
  `-- Where the functions answer under supabase start. Seeds are for the local database; keep them out of hosted ones.
insert into supaqueue.setting (name, value) values ('functions_url', ${literal(functionsUrl)})
on conflict (name) do update set value = excluded.value;
`

const intro =
  `-- supaqueue, written by its installer. To go on to another release, run the installer again: it adds a file.
set check_function_bodies = off;
`

/** What the installer asks before it begins: a migration is pushed into a database that it has not seen. */
const guard = (): string => `
do $$
declare
  occupant constant text := ${OCCUPANT};
  theirs text;
begin
${
  (['published', 'somebody else'] as const).map((who) =>
    `  if occupant = ${literal(who)} then
    raise exception using errcode = 'SQ409', message = ${literal(STRANGERS[who].message)},
      hint = ${literal(STRANGERS[who].hint)};
  end if;`
  ).join('\n')
}
  if occupant = 'us' then
    raise exception using errcode = 'SQ409',
      message = 'supaqueue is in this database already, and not by migrations',
      hint = 'Nothing was changed. Mark this migration as applied (npx supabase migration repair --status applied <its version>), and go on with pnpm supaqueue:upgrade.';
  end if;
  select format('public.%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) into theirs
  from pg_catalog.pg_proc as p
  where p.pronamespace = 'public'::regnamespace
    and p.proname = any (array[${publicNames().map(literal).join(', ')}])
    and coalesce(pg_catalog.obj_description(p.oid, 'pg_proc'), '') !~ 'supaqueue'
  limit 1;
  if theirs is not null then
    raise exception using errcode = 'SQ409',
      message = format('there is a function of your own named %s, where supaqueue would put one', theirs),
      hint = format('Nothing was changed. Rename yours (alter function %s rename to another_name), then push again.', theirs);
  end if;
end
$$;
`

const preamble = extensions
  .map(({ name, schema, probe, needed }) => `
do $$
begin
  if ${probe} is null then${
    // Nobody may make a schema whose name begins like those of the system, and it is there.
    schema.startsWith('pg_') ? '' : `
    create schema if not exists ${identifier(schema)};`}
    create extension if not exists ${identifier(name)} with schema ${identifier(schema)};
  end if;${
    needed
      ? `
  if ${probe} is null then
    raise exception using errcode = 'SQ503',
      message = ${literal(`the extension ${name} is not in the schema ${schema}, where supaqueue looks for it`)},
      hint = ${
        literal(
          `Nothing was changed. Move it (alter extension ${name} set schema ${schema}), or enable it there, then push again.`,
        )
      };
  end if;`
      : `
exception when others then
  raise warning ${literal(`${name} could not be enabled: %`)}, sqlerrm;`
  }
end
$$;
`)
  .join('')

const sections = (addons: string[]): Section[] => [
  ...migrationFiles(addons).map((file) => ({
    ...of('migrations', file),
    sql: `${file.sql.trim()}\n\n${entryOf(file)}`,
  })),
  ...[...functionFiles(), ...addons.flatMap(addonFiles)].map((file) => of('functions', file)),
]

const of = (folder: string, { path, checksum, sql }: SqlFile): Section => ({
  title: `${folder}/${path}`,
  checksum,
  sql,
})

// The ledger of the installer, so that it knows what was done if it is ever run against this database.
const entryOf = ({ name, checksum }: SqlFile): string =>
  `insert into supaqueue.migration (name, checksum) values (${literal(name)}, ${literal(checksum)});`

const settingOf = (functionsUrl: string): string =>
  `insert into supaqueue.setting (name, value) values ('functions_url', ${literal(functionsUrl)})
on conflict (name) do nothing;
`
