import { addonFiles, addonNames } from './addons.ts'
import { coreFiles, functionFiles, migrationFiles, moduleFiles, OPTIONAL_MODULES, type SqlFile } from './files.ts'

/** Where what is ours stands. Whatever else stands there is the user's. */
export const OWN_SCHEMAS = ['supaqueue', 'supaqueue_internal']

/** The functions that supaqueue makes in a project, as a regular expression of PostgreSQL: two for each hook. */
export const MADE_ROUTINES = '^hook_[0-9a-f]{32}(_when)?$'

const tableFiles = (): SqlFile[] => [...migrationFiles(OPTIONAL_MODULES), ...moduleFiles()]

const found = (texts: string[], pattern: RegExp): string[] =>
  texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name))

/** The names of the tables and types that migrations and modules make, of modules that nobody asked for, too. */
export const ownTables = (): string[] => [
  ...new Set(found(
    tableFiles().map(({ sql }) => sql),
    /^create (?:unlogged )?(?:table|type|sequence|domain) (?:if not exists )?\w+\.(\w+)/gm,
  )),
]

/** The columns of these tables, each as `table.column`. */
export const ownColumns = (): string[] =>
  tableFiles().flatMap(({ sql }) => [
    ...[...sql.matchAll(/^create (?:unlogged )?table (?:if not exists )?\w+\.(\w+) \(\n(.*?)^\)/gms)]
      .flatMap(([, table, body = '']) => found([body], /^ {2}(\w+) /gm).map((column) => `${table}.${column}`)),
    ...[...sql.matchAll(/^alter table \w+\.(\w+)(.*?);/gms)]
      .flatMap(([, table, body = '']) =>
        found([body], /\badd column (?:if not exists )?(\w+)/g).map((column) => `${table}.${column}`)
      ),
  ])

/** The names of the indexes and constraints that migrations and modules make. */
export const ownIndexes = (): string[] =>
  found(
    tableFiles().map(({ sql }) => sql),
    /\b(?:constraint|create (?:unique )?index(?: concurrently)?(?: if not exists)?) (\w+)/g,
  )

/** The names of our functions in `public`. */
export const publicNames = (): string[] => functionFiles().filter(isPublic).map(({ name }) => name)

/** Those of add-ons, of all or of these. */
export const addonPublicNames = (addons = addonNames()): string[] =>
  addons.flatMap(addonFiles).filter(isPublic).map(({ name }) => name)

const isPublic = ({ sql }: SqlFile) => /^create or replace function public\./m.test(sql)

/** The names of the functions and views that files of this release make. */
export const ownRoutines = (): string[] => [
  ...new Set(found(
    [...coreFiles(), ...moduleFiles()].map(({ sql }) => sql),
    /^create (?:or replace )?(?:function|procedure|view) \w+\.(\w+)/gm,
  )),
]
