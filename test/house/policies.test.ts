import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/markdown.ts'

// A grant writes the row of its table in the catalog, and a policy locks the table. In one transaction, with the grant first,
// autovacuum may be at the table: it waits for that row, the policy waits for it, and PostgreSQL ends one of the two.

const LATE =
  /grant\s[^;`]*?\son\s+(supaqueue\.\w+|all tables in schema supaqueue)\b[^`]*?create policy[^;`]*?\son\s+(supaqueue\.\w+|%s)/g

const late = (text: string): string[] =>
  [...text.matchAll(LATE)].filter(([, granted, shut]) => granted === shut || /^all |%s/.test(granted! + shut!))
    .map(([found]) => found)

const files = ['test', 'bench', 'scripts', 'docs', 'functions', 'migrations', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|sql|md)$/.test(name) && name !== 'house/policies.test.ts')
    .map((name) => join(folder, name))
)

test('no text grants on a table of ours before it puts a policy on it', () => {
  const found = files.flatMap((file) => late(readFileSync(join(root, file), 'utf8')).map((text) => ({ file, text })))

  expect(files.length).toBeGreaterThan(1000)
  expect(found).toEqual([])
})

test.each([
  ['a grant first', 'grant insert on supaqueue.job to app; create policy app on supaqueue.job to app using (true);', 1],
  [
    'a policy first',
    'create policy app on supaqueue.job to app using (true); grant insert on supaqueue.job to app;',
    0,
  ],
  ['of two tables', 'grant insert on supaqueue.job to app; create policy app on supaqueue.queue using (true);', 0],
  [
    'of two texts',
    '`grant insert on supaqueue.job to app` `create policy app on supaqueue.job to app using (true)`',
    0,
  ],
])('it sees them in order: %s', (_, text, times) => {
  expect(late(text)).toHaveLength(times)
})
