import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// One word per thing, and the one that engineers of other queues know: docs/glossary.md. These had other names once.

const root = join(import.meta.dirname, '../..')

/** A word that is not used, and the one that is. */
const RETIRED: [RegExp, string][] = [
  [/\bticks?\b|\bticked\b/i, 'wake-up, wake'],
  [/\bbells?\b|\brung\b/i, 'wake-up, wake'],
  [/\bpulses?\b/i, 'heartbeat'],
  [/\bkeepers?\b/i, 'leader'],
  [/\bforsaken\b/i, 'needs a run'],
  [/\bseats?\b/i, 'worker'],
  [/\blanes\b/i, 'concurrency'],
  [/\bturn(s|ed)? away\b/i, 'defer'],
  [/\bpatien(t|ce)\b/i, 'backoff, wait'],
  [/\bwires?\b/i, 'trigger'],
  [/`(pair|answer|tick|pulse)`/, 'the name of the function today'],
  [/\bjudge_target\b|\banswer_once\b|\bexpect_run\b|\bkeep_awake\b|\bis_kept\b/, 'the name of the function today'],
  [/\bcannot be meant\b/, 'is not valid'],
]

/** Where such a word means something else. */
const MEANT: Record<string, RegExp> = {
  'scripts/dev/standins/net/deliver.ts': /on the wire/,
}

const ours = execFileSync('git', [
  'ls-files',
  '-z',
  '-co',
  '--exclude-standard',
  'README.md',
  'SECURITY.md',
  'docs',
  'functions',
  'migrations',
  'supabase',
  'scripts',
  'console',
], {
  cwd: root,
  encoding: 'utf8',
}).split('\0').filter((file) => /\.(sql|tsx?|md|json|html|toml)$/.test(file) && file !== 'docs/glossary.md')

/** Each use of a retired word in a text, as `line: word (what it is called)`. */
function retiredIn(text: string, meant?: RegExp): string[] {
  return text.split('\n').flatMap((line, at) =>
    RETIRED.flatMap(([word, instead]) => {
      const found = word.exec(line)
      return !found || meant?.test(line) ? [] : [`${at + 1}: ${found[0]} (${instead})`]
    })
  )
}

test('a retired word would be found', () => {
  expect(retiredIn('fine\na Tick is lost')).toEqual(['2: Tick (wake-up, wake)'])
  expect(retiredIn('put on the wire', /on the wire/)).toEqual([])
})

test('files were found', () => expect(ours.length).toBeGreaterThan(500))

test('no retired word is left in code, messages and docs', () => {
  const found = ours.flatMap((file) =>
    retiredIn(readFileSync(join(root, file), 'utf8'), MEANT[file]).map((use) => `${file}:${use}`)
  )
  expect(found).toEqual([])
})
