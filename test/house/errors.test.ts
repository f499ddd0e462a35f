import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// Every error that a person can meet has a code, a message and a hint: `SupaqueueError` has them.

const root = join(import.meta.dirname, '../..')

/** What is thrown, and is no error of ours: docs/internals/decided.md says why. */
const NO_ERRORS = ['KillError', 'NotCallable', 'RetryError']

/** Each class that extends another, with that one's name. */
const classesIn = (text: string): [string, string][] =>
  [...text.matchAll(/\bclass (\w+) extends (\w+)/g)].map(([, name, from]) => [name!, from!])

test('there is no other error class', () => {
  const files = execFileSync('git', [
    'ls-files',
    '-co',
    '--exclude-standard',
    'supabase',
    'scripts',
    'console',
    'examples',
  ], {
    cwd: root,
    encoding: 'utf8',
  }).split('\n').filter((file) => /\.tsx?$/.test(file))
  const classes = files.flatMap((file) => classesIn(readFileSync(join(root, file), 'utf8')))

  const direct = classes.filter(([, from]) => from === 'Error').map(([name]) => name)
  expect(direct.sort()).toEqual([...NO_ERRORS, 'SupaqueueError'].sort())
  const others = classes.filter(([, from]) => /Error$/.test(from) && from !== 'Error').map(([, from]) => from)
  expect(others.length).toBeGreaterThan(3)
  expect(new Set(others)).toEqual(new Set(['SupaqueueError']))
})
