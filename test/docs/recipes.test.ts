import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readOwn, replacement } from '../../scripts/cli/place.ts'
import { run } from '../../scripts/dev/postgres/databases.ts'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'
import { blocksOf, pages, readPage, root } from '../support/markdown.ts'
import { untilAllEnded } from '../support/all_ended.ts'

// Each page of docs/start and docs/recipes is followed word by word: its functions are written where it says, its SQL and its
// programs run in its order. In the end every job has succeeded, and each query has an answer.

const followed = pages.filter((page) => /^docs\/(start|recipes)\//.test(page.replaceAll('\\', '/')))

/** What the pages say instead of a server of their own. */
const OUTSIDE = /https:\/\/(customer|llm)\.example\.com/g

/** A function that writes to the row which it was called for, as docs/reference/row-hooks.md says. */
const WRITE_BACK = `
import { createClient } from 'npm:@supabase/supabase-js@2.108.0'
import { defineHook } from 'npm:supaqueue@0.2.0/edge'

type Note = { id: number; seen: number }

Deno.serve(defineHook<Note>(async ({ record }, job) => {
  const key = JSON.parse(Deno.env.get('SUPABASE_SECRET_KEYS')!).default
  const client = createClient(Deno.env.get('SUPABASE_URL')!, key, { global: { headers: job.headers } })
  const { error } = await client.from('notes').update({ seen: record!.seen + 1 }).eq('id', record!.id)
  if (error) throw error
  return { own: job.hook?.own, depth: job.hook?.depth }
}))`

let project: string
let stack: Stack
let db: pg.Client
let outside: Server
let outsideUrl: string
let busy: number

beforeAll(async () => {
  outside = createServer((request, response) => {
    request.resume()
    if (request.url !== '/v1/summaries') return response.writeHead(204).end()
    if (busy-- > 0) return response.writeHead(429, { 'retry-after': '1' }).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"summary": "short"}')
  })
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`

  project = mkdtempSync(join(tmpdir(), 'recipes-'))
  for (const { code, language } of followed.flatMap((page) => blocksOf(readPage(page)))) {
    const path = pathOf(code)
    if (!path || language === 'sql') continue
    mkdirSync(join(project, dirname(path)), { recursive: true })
    const here = code.replace(OUTSIDE, outsideUrl)
    writeFileSync(join(project, path), here, { flag: /\.(toml|env)$/.test(path) ? 'a' : 'w' })
  }
  mkdirSync(join(project, 'supabase/functions/write-back'), { recursive: true })
  writeFileSync(join(project, 'supabase/functions/write-back/index.ts'), WRITE_BACK)
  stack = await startStack({
    postgres: { inMemory: true },
    functions: [join(project, 'supabase/functions')],
    replacement: replacement(),
    // Where users sign up and files are stored, as on the platform.
    prepare: async ({ adminUrl, ownerUrl }) => {
      await run(adminUrl, readOwn('scripts/dev/project/platform.sql'))
      // Before the Data API looks which tables there are.
      await run(
        ownerUrl,
        `create table public.notes (id bigint primary key, seen integer not null default 0);
         grant select, update on public.notes to service_role`,
      )
    },
    environment: { LLM_URL: outsideUrl, LLM_KEY: 'a-key', PROVIDER_TOKEN: 'a-token' },
  })
  db = new pg.Client({ connectionString: stack.databaseUrl })
  await db.connect()
  await db.query(`insert into supaqueue.setting values ('allow_private_targets', 'on')`)
})

beforeEach(async () => {
  busy = 1
  await db.query('delete from supaqueue.schedule')
  await db.query('delete from supaqueue.queue')
})

afterAll(async () => {
  await db?.end()
  await stack?.stop()
  outside?.close()
  rmSync(project, { recursive: true, force: true })
})

test('pages were found', () => expect(followed.length).toBeGreaterThan(10))

test.each(followed)('%s works word by word', async (page) => {
  for (const { language, code } of blocksOf(readPage(page))) {
    if (pathOf(code) !== undefined) continue
    if (language === 'ts') await runProgram(code)
    if (language !== 'sql') continue
    const results = [await db.query(code.replace(OUTSIDE, outsideUrl))].flat()
    await untilAllEnded(db)
    const last = results.at(-1)!
    if (last.command === 'SELECT') expect(last.rows, code).not.toEqual([])
  }
  await untilAllEnded(db)

  const { rows } = await db.query(`select id, status, error from supaqueue.job where status not in ('success')`)
  expect(rows).toEqual([])
})

test('a function that writes back to its row over the Data API is called once more, so many times, or not at all', async () => {
  await db.query(`
    select supaqueue.create_queue('write-back', 'write-back');
    select supaqueue.on_change('public.notes', 'write-back', own_changes => 'drop')`)
  const jobs = async () =>
    (await db.query(
      `select status, result -> 'own' as own, result -> 'depth' as depth from supaqueue.job order by id`,
    ))
      .rows
  const seen = async () => (await db.query('select seen from public.notes')).rows[0].seen

  await db.query('insert into public.notes values (1)')
  await untilAllEnded(db)
  expect(await jobs()).toEqual([{ status: 'success', own: false, depth: 0 }])
  expect(await seen()).toBe(1)

  await db.query(`
    delete from supaqueue.job;
    select supaqueue.on_change('public.notes', 'write-back', max_depth => 2);
    update public.notes set seen = 10`)
  await untilAllEnded(db)
  expect(await seen()).toBe(13)
  expect(await jobs()).toEqual([
    { status: 'success', own: false, depth: 0 },
    { status: 'success', own: true, depth: 1 },
    { status: 'success', own: true, depth: 2 },
    { status: 'held', own: null, depth: null },
  ])
})

const pathOf = (code: string): string | undefined => /^(?:\/\/|#) ([\w./-]+\.(?:ts|json|toml|env))\n/.exec(code)?.[1]

/** Runs a program where it finds the packages of this project. */
async function runProgram(code: string): Promise<void> {
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  const folder = mkdtempSync(join(root, '.supaqueue/recipe-'))
  // Node 20 has no WebSocket, without which supabase-js does not start.
  const here = code.replaceAll(`from 'supaqueue'`, `from '${root}supabase/functions/_shared/supaqueue/client.ts'`)
  writeFileSync(join(folder, 'program.ts'), `globalThis.WebSocket ??= Object as never\n${here}`)
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', join(folder, 'program.ts')], {
      env: {
        ...process.env,
        SUPABASE_URL: stack.apiUrl,
        SUPABASE_SECRET_KEY: stack.keys.secret,
        SUPABASE_PUBLISHABLE_KEY: stack.keys.publishable,
        PROVIDER_TOKEN: 'a-token',
      },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
