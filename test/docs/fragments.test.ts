import { parse } from 'yaml'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { readOwn } from '../../scripts/cli/place.ts'
import { run } from '../../scripts/dev/postgres/databases.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { blocksOf, pages, readPage } from '../support/markdown.ts'

// What pages show in passing, about jobs and queues that a reader has and a test has not: each fragment runs once what it is about
// is there. Commands and their options are those of the program.

const docs = pages.filter((page) => page.startsWith('docs/'))
// What is generated has the program's help, and signatures of functions.
const fragments = docs.filter((page) => !/^docs\/reference\/(commands|functions)/.test(page)).flatMap((page) =>
  blocksOf(readPage(page)).filter(({ language }) => language === 'text').map(({ code, line }) => ({ page, line, code }))
)
const isSql = (code: string) => /^(select|insert|update|grant|create|--)/.test(code)

/** What has to be there: two jobs in a line, one that waits, a step, access, a key. */
const SETTING = `
  select supaqueue.create_queue('send-mail', 'hello'), supaqueue.create_queue('merge', 'hello'),
    supaqueue.create_queue('reports', 'hello'), supaqueue.create_queue('welcome', 'hello'),
    supaqueue.create_queue('fetch', 'hello'),
    supaqueue.create_queue('invoices', url => 'https://api.example.com/v1'),
    supaqueue.create_queue('ledger', 'hello', ordered => 'key');
  select setval('supaqueue.job_id_seq', 16);
  insert into supaqueue.job (queue, concurrency_key, status)
  select id, 'account:17', 'held' from supaqueue.queue, generate_series(17, 20) where name = 'ledger';
  insert into supaqueue.step (job, name, kind, status, place) values (17, 'charge', 'run', 'done', 1);
  select supaqueue.allow('reports', 'authenticated'), supaqueue.create_api_key('importer', '{enqueue}');`

/** Other files run these, or they are no program: the body of a call, and types that a project generates. */
const RUN_ELSEWHERE: [page: string, words: string][] = [
  ['docs/reference/jobs.md', 'const jobs = []'],
  ['docs/reference/jobs.md', 'insert(['],
  ['docs/reference/jobs.md', 'upsert(['],
  ['docs/reference/open-to-users.md', "rpc('supaqueue_enqueue'"],
  ['docs/reference/open-to-users.md', 'supabase.channel'],
  ['docs/reference/row-hooks.md', '"old_record": {...}'],
  ['docs/kit/index.md', "Tables<'photos'>"],
]

describe('fragments of SQL', () => {
  let database: TestDatabase
  let db: pg.Client
  beforeAll(async () => {
    database = await testDatabase()
    await run(database.adminUrl, readOwn('scripts/dev/project/platform.sql'))
    await applyDatabase(database.ownerUrl, undefined, ['pgqueuer', 'api'])
    db = await database.connect('owner')
    await run(database.adminUrl, `do $$ begin create role app; exception when duplicate_object then null; end $$`)
  })
  afterAll(() => database?.drop())

  test.each(fragments.filter(({ code }) => isSql(code)))('of $page:$line run', async ({ code }) => {
    await db.query('begin')
    try {
      await db.query(SETTING)
      await db.query(code)
    } finally {
      await db.query('rollback')
    }
  })

  test('and nothing else is left that no test runs', () => {
    const left = fragments.filter(({ page, code }) =>
      !isSql(code) && !RUN_ELSEWHERE.some(([of, words]) => of === page && code.includes(words))
    )
    expect(left.map(({ page, line }) => `${page}:${line}`)).toEqual([])
    expect(
      RUN_ELSEWHERE.filter(([of, words]) => !fragments.some(({ page, code }) => of === page && code.includes(words))),
    )
      .toEqual([])
  })
})

describe('commands', () => {
  const reference = readPage('docs/reference/commands.md')
  const known = new Map(
    [...reference.matchAll(/^## ([\w-]+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map((
      [, name = '', text = ''],
    ) => [name, text]),
  )
  const said = pages.filter((page) => /^(docs|README)/.test(page) && page !== 'docs/reference/commands.md').flatMap(
    (page) => {
      const text = readPage(page)
      const typed = [
        ...blocksOf(text).filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split('\n')),
        ...[...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
      ]
      return typed.flatMap((line) => {
        const [, command, rest = ''] =
          /^(?:npx supaqueue|pnpm supaqueue[: ]|supaqueue) ?([a-z][a-z-]*)([^#|]*)/.exec(line) ?? []
        return command ? [{ page, command, options: rest.match(/--[\w-]+/g) ?? [] }] : []
      })
    },
  )

  test('were found', () => expect(said.length).toBeGreaterThan(50))

  test('are those of the program, with options that it has', () => {
    const wrong = said.filter(({ command, options }) => {
      const help = known.get(command)
      return help === undefined || options.some((option) => !help.includes(option))
    })
    expect(wrong.map(({ page, command, options }) => `${page}: ${command} ${options.join(' ')}`)).toEqual([])
  })
})

test.each(
  docs.flatMap((page) =>
    blocksOf(readPage(page)).filter(({ language }) => ['json', 'yaml'].includes(language))
      .map(({ code, language, line }) => ({ page, line, code, language }))
  ),
)('$page:$line can be read as $language', ({ code, language }) => {
  if (language === 'yaml') parse(code)
  else JSON.parse(code.replace(/^\/\/.*\n/, ''))
})
