import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// A remedy that names a command which is not there helps nobody: what we have people type is asked of the CLI.

const root = join(import.meta.dirname, '../..')

/** In private alpha: the CLI does not list it, and docs/operate/work.md says that it was not tried. */
const NOT_LISTED = ['compute push']

/** What somebody is to type: after a quote, `npx`, `&&` or at the start of a line. */
const TYPED = /(?:[`'"]|\bnpx |&& |^\s*)supabase ([a-z]+)(?: ([a-z]+))?/gm

const commandsOf = (...group: string[]): string[] => {
  const help = execFileSync(join(root, 'node_modules/.bin/supabase'), [...group, '--help'], { encoding: 'utf8' })
  const listed = help.split('\nSUBCOMMANDS\n')[1]?.split(/\n\S/)[0] ?? ''
  return [...listed.matchAll(/^ {2}([a-z-]+)(?:, ([a-z-]+))?/gm)].flatMap(([, ...names]) => names.filter(Boolean))
}

test('every command of the Supabase CLI that we name is one that it has', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n').filter((file) =>
      /^(scripts|functions|docs|supabase|console|examples|skills|README)/.test(file) && /\.(tsx?|sql|md)$/.test(file)
    )
  const named = new Map<string, Set<string>>()
  for (const file of files) {
    for (const [, group, command] of readFileSync(join(root, file), 'utf8').matchAll(TYPED)) {
      named.set(group!, (named.get(group!) ?? new Set()).add(command ?? ''))
    }
  }
  const groups = commandsOf()

  const missing = [...named].flatMap(([group, commands]) => {
    const known = groups.includes(group) ? commandsOf(group) : []
    return [...commands].filter((command) => known.length > 0 ? !known.includes(command) : !groups.includes(group))
      .map((command) => `${group} ${command}`.trim())
  })
  expect(named.size).toBeGreaterThan(6)
  expect(missing.filter((command) => !NOT_LISTED.includes(command))).toEqual([])
})
