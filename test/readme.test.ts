import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readOwn } from '../scripts/cli/place.ts'
import { run } from '../scripts/dev/postgres/databases.ts'
import { type Stack, startStack } from '../scripts/dev/stack.ts'
import { steps } from '../scripts/cli/steps/all.ts'
import { anchorsOf, type Block, blocksOf, headingsOf, linksOf, pages, readPage, root } from './support/markdown.ts'
import { untilAllEnded } from './support/all_ended.ts'

const WAYS = 'docs/start/choose-how-to-enqueue.md'

const isFunction = ({ code }: Block) => code.startsWith('// supabase/functions/')
// Elsewhere, TypeScript is for contributors and shown in fragments.
// Pages that are followed from top to bottom have a test of their own, and what is made of them is the same.
const alone = pages.filter((page) => !/^(docs.(start|recipes)|skills)./.test(page))
const examples = alone.flatMap((page) => blocksOf(readPage(page)).map((block) => ({ page, ...block })))
  .filter(({ page, language }) => language === 'sql' || (page === 'README.md' && language === 'ts'))
const frontDoor = examples.filter(({ page }) => page === 'README.md')

describe('examples', () => {
  let project: string
  let stack: Stack
  let db: pg.Client

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'readme-'))
    for (const { code } of examples.filter(isFunction)) write(project, code)
    stack = await startStack({
      postgres: { inMemory: true },
      functions: [join(project, 'supabase/functions')],
      // Where users sign up, as on the platform.
      prepare: ({ adminUrl }) => run(adminUrl, readOwn('scripts/dev/project/platform.sql')),
    })
    db = new pg.Client({ connectionString: stack.databaseUrl })
    await db.connect()
    // A page grants rights to a role of the reader's own.
    await db.query('create role app')
  })

  beforeEach(async () => void await db.query('delete from supaqueue.queue; delete from supaqueue.api_key'))

  afterAll(async () => {
    await db?.end()
    await stack?.stop()
    rmSync(project, { recursive: true, force: true })
  })

  test.each(pages.filter((page) => examples.some((example) => example.page === page)))(
    'those of %s run, one after the other, and every job ends in success',
    async (page) => {
      const mine = examples.filter((example) => example.page === page && !isFunction(example))
      for (const { language, code } of mine) await (language === 'sql' ? db.query(code) : runProgram(code))

      await untilAllEnded(db)

      const { rows } = await db.query(`select id, error from supaqueue.job where status <> 'success'`)
      expect(rows).toEqual([])
    },
  )

  test('the SQL of the front door gets what its function answers', async () => {
    for (const { code } of frontDoor.filter(({ language }) => language === 'sql')) await db.query(code)

    await untilAllEnded(db)

    const { rows } = await db.query('select status, attempts, result from supaqueue.job')
    expect(rows).toEqual([{
      status: 'success',
      attempts: 1,
      result: { greeting: 'Hello Ada', attempt: 1, once: expect.any(String) },
    }])
  })

  test('each way to enqueue does, in the order of the pages', async () => {
    const ways = blocksOf(readPage(WAYS)).filter(({ language }) => ['sql', 'ts', 'sh'].includes(language))
    for (const { language, code } of [...frontDoor.filter((example) => !isFunction(example)), ...ways]) {
      if (language === 'sql') await db.query(code)
      else if (language === 'ts') await runProgram(code)
      else await runCommand(code)
    }

    const { rows } = await db.query('select payload from supaqueue.job order by id')
    expect(rows.map(({ payload }) => payload.name)).toEqual([
      ...['Ada', 'Grace', 'Ada', 'Grace', 'Edsger', 'Barbara', 'Donald'],
      ...['number 1', 'number 2', 'number 3'],
    ])
  })

  test('the function of the front door learns its attempt and its key', async () => {
    const { rows: [job] } = await db.query(`
      with queue as (insert into supaqueue.queue (edge_function_name) values ('greet') returning id),
      worker as (insert into supaqueue.worker (queue) select id from queue)
      insert into supaqueue.job (queue, payload) select id, '{"name": "Ada"}' from queue returning id, queue
    `)

    await untilAllEnded(db)

    const { rows: [{ result }] } = await db.query('select result from supaqueue.job')
    expect(result).toEqual({ greeting: 'Hello Ada', attempt: 1, once: `${job.queue}-${job.id}` })
  })

  test('the function of the front door is for nobody else', async () => {
    for (const apikey of ['', 'sb_secret_guessed', stack.keys.publishable]) {
      const headers = { apikey }
      const response = await fetch(`${stack.apiUrl}/functions/v1/greet`, {
        method: 'POST',
        headers,
        body: '{"name":"Eve"}',
      })
      expect(response.status).toBe(401)
      await response.body?.cancel()
    }
  })

  /** Runs a command of the shell with a key that may enqueue. */
  async function runCommand(code: string): Promise<void> {
    const { rows: [{ key }] } = await db.query(
      `select supaqueue.create_api_key('importer of the page', '{enqueue,read}') as key`,
    )
    await promisify(execFile)('bash', ['-c', code], { env: { ...process.env, SUPABASE_URL: stack.apiUrl, KEY: key } })
  }

  /** Runs a program where it finds the project's dependencies, as a user's would run in theirs. */
  async function runProgram(code: string): Promise<void> {
    const folder = join(root, '.supaqueue')
    mkdirSync(folder, { recursive: true })
    const file = join(mkdtempSync(join(folder, 'readme-')), 'program.ts')
    // Node 20 has no WebSocket, without which supabase-js does not start.
    const here = code.replaceAll(`from 'supaqueue'`, `from '${root}supabase/functions/_shared/supaqueue/client.ts'`)
    writeFileSync(file, `globalThis.WebSocket ??= Object as never\n${here}`)
    try {
      await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
        env: {
          ...process.env,
          SUPABASE_URL: stack.apiUrl,
          SUPABASE_SECRET_KEY: stack.keys.secret,
          SUPABASE_PUBLISHABLE_KEY: stack.keys.publishable,
        },
      })
    } finally {
      rmSync(dirname(file), { recursive: true })
    }
  }
})

/** Writes a function where its first line says, and declares it. */
function write(project: string, code: string): void {
  const [, path = '', name = ''] = /^\/\/ (supabase\/functions\/([\w-]+)\/index\.ts)\n/.exec(code) ?? []
  const file = join(project, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  writeFileSync(join(project, 'supabase/config.toml'), `[functions.${name}]\nverify_jwt = false\n`, { flag: 'a' })
}

describe('pages', () => {
  test('a page lists what the installer puts in place, in its order and words', () => {
    const listed = [...readPage('docs/start/existing-project.md').matchAll(/^\d\. (.*)$/gm)].map((match) => match[1])

    expect(listed).toEqual(steps.map((step) => step.name))
  })

  test.each(pages)('every link of %s to a file of the project leads somewhere', (page) => {
    const dead = linksOf(readPage(page)).filter((target) => !existsSync(join(root, dirname(page), target)))

    expect(dead).toEqual([])
  })

  test.each(pages)('every link of %s to a heading leads to one', (page) => {
    const dead = anchorsOf(readPage(page)).filter(({ target, heading }) => {
      const file = target === '' ? page : join(dirname(page), target)
      return /\.md$/.test(file) && !headingsOf(readPage(file)).includes(heading)
    })

    expect(dead).toEqual([])
  })

  test.each(pages)('every command that %s names is a script or a program of package.json', (page) => {
    const { scripts, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const commands = [...readPage(page).matchAll(/\bpnpm ([a-z][\w:-]*)/g)].map((match) => match[1]!)

    const known = ['install', ...Object.keys(scripts), ...Object.keys(devDependencies)]
    expect(commands.filter((command) => !known.includes(command))).toEqual([])
  })
})
