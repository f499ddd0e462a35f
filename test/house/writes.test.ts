import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// A folder that somebody sends may have links in it, and somebody may put one there at any moment. So one piece of code writes
// in it, and one reads what `dev` takes from it; whoever else writes does so where nobody but the user is.

const scripts = join(import.meta.dirname, '../../scripts')

const CHANGES =
  /\b(writeFile|appendFile|copyFile|cp|mkdir|rename|rmdir|rm|unlink|chmod|fchmod|chown|link|symlink|truncate|createWriteStream)(Sync)?\b/
const READS = /\b(readFile|createReadStream)(Sync)?\b/

/** Files that import something of node:fs by such a name. */
const importing = (pattern: RegExp, folders: string[]) =>
  folders
    .flatMap((folder) =>
      readdirSync(join(scripts, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`)
    )
    .filter((path) => path.endsWith('.ts'))
    .filter((path) =>
      [...readFileSync(join(scripts, path), 'utf8').matchAll(/^import (\{[^}]*\}|.*) from 'node:fs(?:\/promises)?'/gm)]
        .some(([, names]) => pattern.test(names!) || /\*|^\w/.test(names!))
    )
    .sort()

test('what is in a project is written and removed by one piece of code', () => {
  expect(importing(CHANGES, ['cli', 'console', 'dev', 'work'])).toEqual([
    // Among what is kept for this user: the platform's certificate.
    'cli/connection/trust.ts',
    // In a temporary folder of the moment.
    'cli/project/cli.ts',
    // Into that folder.
    'cli/project/edge_files.ts',
    // This one.
    'cli/project/folder.ts',
    // Among what is kept for this user.
    'cli/project/running.ts',
    // Pictures of the console, in this repository.
    'console/screenshots.ts',
    // Temporary folders.
    'dev/edge/boot.ts',
    'dev/edge/host.ts',
    'dev/edge/imports.ts',
    // The data of a database, in a folder of its own.
    'dev/postgres.ts',
    'dev/postgres/binaries.ts',
    'dev/project/open.ts',
  ])
})

test('what dev reads of a project is looked at once it is open', () => {
  expect(importing(READS, ['dev/edge', 'dev/project'])).toEqual(['dev/project/read_opened.ts'])
})
