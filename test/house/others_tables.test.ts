import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// Whoever writes into a table runs the triggers of that table with his own rights. On pg_net's every role may put some.

const root = join(import.meta.dirname, '../..')
// What the platform itself does, for development: pg_net, and the webhooks of its dashboard.
const STANDINS = /^scripts\/dev\/(standins\/|project\/platform\.sql$)/
const having = (pattern: RegExp) =>
  ['functions', 'migrations', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
    )
    .filter((file) => /\.(sql|ts)$/.test(file) && !STANDINS.test(file))
    .filter((file) => pattern.test(readFileSync(join(root, file), 'utf8').replace(/^\s*(--|\/\/).*$/gm, '')))
    .sort()

test('one function posts through pg_net, and looks for triggers before', () => {
  expect(having(/\bnet\.http_(post|get|delete)\s*\(\s*(url|'http)/)).toEqual(['functions/core/wake/wake.sql'])
})

test('nothing writes into the tables of pg_net', () => {
  expect(having(/(insert into|update|delete from|truncate|merge into)\s+(only\s+)?net\./i)).toEqual([])
})

// Databases share a server, and copies of one share the numbers of its tables: what is locked elsewhere is nobody's here.
test('whoever looks at locks says of which database', () => {
  const all = having(/\bpg_locks\b/).map((file) =>
    readFileSync(join(root, file), 'utf8').replace(/^\s*(--|\/\/).*$/gm, '')
  )
  const statements = all.flatMap((text) => text.split(/[;`]/).filter((statement) => /\bpg_locks\b/.test(statement)))

  expect(statements.length).toBeGreaterThan(3)
  // A transaction's number is one of the whole server.
  expect(statements.filter((statement) => !/\bdatabase = |locktype = 'transactionid'/.test(statement))).toEqual([])
})
