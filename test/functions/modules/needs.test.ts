import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  coreFiles,
  isExtensionPoint,
  migrationFiles,
  migrationModule,
  moduleFiles,
  moduleOf,
  OPTIONAL_MODULES,
} from '../../../scripts/cli/database/files.ts'
import { itemsOf, root } from '../../support/markdown.ts'

/** The list of functions/modules/README.md: a module, and those that it needs. */
const documented = new Map(
  itemsOf(readFileSync(join(root, 'functions/modules/README.md'), 'utf8'))
    .map((item) => /^`(\w+)`: .*?\.(?: Needs (.*)\.)?$/.exec(item) ?? [])
    .map(([, name = '', needs = '']) => [name, [...needs.matchAll(/`(\w+)`/g)].map(([, need = '']) => need).sort()]),
)

const modules = [...new Set(moduleFiles().map((file) => moduleOf(file)!))].sort()
const ofCore = new Set(coreFiles().filter(isExtensionPoint).map(({ name }) => name))

/** What a module makes that only it has: functions, views, tables. */
const made = (module: string) =>
  [
    ...moduleFiles().filter((file) => moduleOf(file) === module),
    ...migrationFiles(OPTIONAL_MODULES).filter((file) => migrationModule(file) === module),
  ].flatMap(({ sql }) =>
    [...sql.matchAll(/^create (?:or replace )?(?:function|view|table) (\w+\.\w+)/gm)].map(([, name = '']) => name)
  ).filter((name) => !ofCore.has(name.split('.')[1]!))

test('every module is in the list of modules', () => {
  expect([...documented.keys()].filter((name) => modules.includes(name)).sort()).toEqual(modules)
})

test.for(modules)('%s has a README that says what it is, and names nothing that is not there', (module) => {
  const readme = readFileSync(join(root, 'functions/modules', module, 'README.md'), 'utf8')
  const sql = [...moduleFiles(), ...coreFiles(), ...migrationFiles(OPTIONAL_MODULES)]
    .map((file) => `${file.name} ${file.sql}`).join('\n')
  const names = [...readme.matchAll(/`(?:supaqueue(?:_internal)?\.)?([a-z]\w*_\w+)(?:\(\))?`/g)].map(([, name]) =>
    name!
  )

  expect(readme).toMatch(new RegExp(`^# ${module}: `))
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sql))).toEqual([])
})

test.for(modules)('%s needs the modules that the list says, and no others', (module) => {
  const files = moduleFiles().filter((file) => moduleOf(file) === module)
  const needed = modules.filter((other) =>
    other !== module && made(other).some((name) => files.some(({ sql }) => new RegExp(`\\b${name}\\b`).test(sql)))
  )

  expect(documented.get(module)).toEqual(needed)
})

test('no module needs one that needs it, itself or by others', () => {
  const reached = (module: string, known = new Set<string>()): Set<string> => {
    for (const need of documented.get(module) ?? []) if (!known.has(need)) reached(need, known.add(need))
    return known
  }

  expect(documented.size).toBeGreaterThan(20)
  expect([...documented.keys()].filter((module) => reached(module).has(module))).toEqual([])
})
