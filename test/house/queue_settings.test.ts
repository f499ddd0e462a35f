import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { QUEUE_SETTINGS } from '../../console/answers.ts'
import { root } from '../support/markdown.ts'

/** What a queue may be set to is one list: its columns. Each has a line in the reference, a type, and a field in the console. */

const read = (path: string) => readFileSync(join(root, path), 'utf8')

const section = read('docs/reference/settings.md').split('\n## ')[0]!
const columns = [...section.matchAll(/^- `(\w+)` \([^)]*(?:\([^)]*\)[^)]*)*\): (.*)$/gm)].map((
  [, name = '', meaning = ''],
) => ({
  name,
  meaning: meaning.trim(),
}))

/** Not changed there: what others write or have a button for, where a call goes, and by what secret. */
const ELSEWHERE = [
  'id',
  'created_at',
  'name',
  'edge_function_name',
  'default_headers',
  'url',
  'method',
  'allowed_hosts',
  'signing_secrets',
  'redact',
  'heeds',
  'opens',
  'max_repeats',
  'max_lease_ms',
  'mode',
  'paused',
  'paused_until',
  'paused_reason',
  'rate_limit',
]

test('the list is not empty', () => expect(columns.length).toBeGreaterThan(30))

test('each column of a queue has a field in the console, or is set elsewhere for a reason', () => {
  expect([...QUEUE_SETTINGS, ...ELSEWHERE].sort()).toEqual(columns.map(({ name }) => name).sort())
})

test('each setting of the console is shown there, and written', () => {
  const shown = read('console/parts/settings.tsx')
  const written = read('scripts/console/acts.ts')

  for (const name of QUEUE_SETTINGS) {
    expect(shown).toContain(`name: '${name}'`)
    expect(written).toContain(`wanted.${name}`)
  }
})

test('each column says in the reference what it means, and has a type', () => {
  const types = read('supabase/functions/_shared/supaqueue/database_types.ts')

  expect(columns.filter(({ name, meaning }) => meaning === '' && !['id', 'created_at'].includes(name))).toEqual([])
  expect(columns.filter(({ name }) => !new RegExp(`\\b${name}\\??:`).test(types))).toEqual([])
})

/** What belongs to whoever runs the database: how long rows stay, and how far a function's answer is heeded. */
const NOT_BY_HTTP = ['keep_success', 'keep_failed', 'keep_success_attempts']
const NOT_BY_CREATE = [
  ...NOT_BY_HTTP,
  ...['retry_factor', 'max_deferrals', 'max_defer_ms', 'payload_max_bytes', 'result_max_bytes'],
]

test.for(
  [
    ['create_queue', 'functions/modules/limits/create_queue.sql', (name: string) => `wanted.${name} :=`, NOT_BY_CREATE],
    [
      'createQueue of the client',
      'supabase/functions/_shared/supaqueue/create_queue.ts',
      (name: string) => `    ${name}: settings.`,
      [...NOT_BY_CREATE, 'retry_base_ms', 'retry_max_ms'],
    ],
    ['the HTTP API', 'supabase/functions/supaqueue-api/queues.ts', (name: string) => `  ${name}: `, NOT_BY_HTTP],
    [
      'the HTTP API, written',
      'functions/modules/api/change_queue.sql',
      (name: string) => `    ${name} = `,
      NOT_BY_HTTP,
    ],
    [
      'the HTTP API, shown',
      'functions/modules/api/show_queue.sql',
      (name: string) => `'${name}', target.`,
      NOT_BY_HTTP,
    ],
  ] as const,
)('%s: no setting is forgotten', ([, path, said, exceptions]) => {
  const text = read(path)

  expect(QUEUE_SETTINGS.filter((name) => !text.includes(said(name))).sort()).toEqual([...exceptions].sort())
})
