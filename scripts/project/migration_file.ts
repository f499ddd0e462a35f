import { addonFiles, addonNames } from '../database/addons.ts'
import { functionFiles, migrationFiles, type SqlFile } from '../database/files.ts'
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
  const wanted = addonNames().filter((addon) =>
    addons.includes(addon) || [...known.keys()].some((title) => title.startsWith(`functions/modules/${addon}/`))
  )
  const missing = sections(wanted).filter(({ title, checksum }) => known.get(title) !== checksum)
  if (missing.length === 0) return undefined
  return [
    intro,
    known.size === 0 ? preamble : '',
    ...missing.map((section) => `${heading(section)}\n\n${section.sql.trim()}\n`),
    functionsUrl && known.size === 0 ? settingOf(functionsUrl) : '',
    'select supaqueue_internal.schedule_sweep();\n',
  ].filter((part) => part !== '').join('\n')
}

/** For the local stack alone: there the functions answer elsewhere. */
export const seedText = (functionsUrl: string): string =>
  `-- Where the functions answer under supabase start. Seeds are for the local database; keep them out of hosted ones.
insert into supaqueue.setting (name, value) values ('functions_url', '${functionsUrl}')
on conflict (name) do update set value = excluded.value;
`

const intro =
  `-- supaqueue, written by its installer. To go on to another release, run the installer again: it adds a file.
set check_function_bodies = off;
`

const preamble = extensions
  .map(({ name, schema, probe, needed }) => `
do $$
begin
  if ${probe} is null then
    create schema if not exists ${schema};
    create extension if not exists ${name} with schema ${schema};
  end if;${needed ? '' : `\nexception when others then\n  raise warning '${name} could not be enabled: %', sqlerrm;`}
end
$$;
`)
  .join('')

const sections = (addons: string[]): Section[] => [
  ...migrationFiles().map((file) => ({ ...of('migrations', file), sql: `${file.sql.trim()}\n\n${entryOf(file)}` })),
  ...[...functionFiles(), ...addons.flatMap(addonFiles)].map((file) => of('functions', file)),
]

const of = (folder: string, { path, checksum, sql }: SqlFile): Section => ({
  title: `${folder}/${path}`,
  checksum,
  sql,
})

// The ledger of the installer, so that it knows what was done if it is ever run against this database.
const entryOf = ({ name, checksum }: SqlFile): string =>
  `insert into supaqueue.migration (name, checksum) values ('${name}', '${checksum}');`

const settingOf = (functionsUrl: string): string =>
  `insert into supaqueue.setting (name, value) values ('functions_url', '${functionsUrl}')
on conflict (name) do nothing;
`
