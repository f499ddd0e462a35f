import { coreFiles, migrationFiles, moduleFiles, OPTIONAL_MODULES } from './files.ts'

/** Where what is ours stands. Whatever else stands there is the user's. */
export const OWN_SCHEMAS = ['supaqueue', 'supaqueue_internal']

/** The functions that supaqueue makes in a project, as a regular expression of PostgreSQL: two for each hook. */
export const MADE_ROUTINES = '^hook_[0-9a-f]{32}(_when)?$'

/** The names of the tables and types that migrations and modules make, of modules that nobody asked for, too. */
export const ownTables = (): string[] => [
  ...new Set(
    [...migrationFiles(OPTIONAL_MODULES), ...moduleFiles()].flatMap(({ sql }) =>
      [...sql.matchAll(/^create (?:unlogged )?(?:table|type|sequence|domain) (?:if not exists )?\w+\.(\w+)/gm)]
        .map(([, name = '']) => name)
    ),
  ),
]

/** The names of the functions and views that files of this release make. */
export const ownRoutines = (): string[] => [
  ...new Set(
    [...coreFiles(), ...moduleFiles()].flatMap(({ sql }) =>
      [...sql.matchAll(/^create (?:or replace )?(?:function|procedure|view) \w+\.(\w+)/gm)].map(([, name = '']) => name)
    ),
  ),
]
