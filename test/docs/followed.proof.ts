import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../scripts/dev/support/free_ports.ts'
import { makeNewcomer, type Newcomer } from '../scripts/build/package/support/newcomer.ts'
import { untilAllEnded } from '../support/all_ended.ts'
import { blocksOf, pages, readPage, root } from '../support/markdown.ts'
import { until } from '../support/until.ts'

// The front door and each recipe as a reader follows them: a fresh project with the packed program, `supaqueue init`, the files of the page, `supaqueue
// dev`, then its SQL and its programs in their order. Nothing is added that the page does not say, but a server on this machine in
// place of those that it calls. Needs a package registry.

const followed = pages.filter((page) => /^README\.md$|^docs\/(recipes\/(?!index)|start\/first-job)/.test(page))
const OUTSIDE = /https:\/\/(customer|llm)\.example\.com/g

let they: Newcomer
let tarball: string
let outside: Server
let outsideUrl: string

beforeAll(async () => {
  outside = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"summary": "short"}')
  })
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`

  tarball = mkdtempSync(join(tmpdir(), 'tarball-'))
  execFileSync('npm', ['pack', '--pack-destination', tarball], { cwd: root, stdio: 'ignore' })
  they = makeNewcomer()
  await succeeds('npm', 'init', '--yes')
  const [name = ''] = execFileSync('ls', [tarball], { encoding: 'utf8' }).split('\n')
  await succeeds('npm', 'install', '--save-dev', join(tarball, name), 'supabase', 'tsx', '@supabase/supabase-js')
})

afterAll(() => {
  they?.leave()
  outside?.close()
  rmSync(tarball, { recursive: true, force: true })
})

async function succeeds(program: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await they.run(program, ...args)
  expect(`${code}\n${code === 0 ? '' : out + err}`).toBe('0\n')
  return out
}

test('recipes were found', () => expect(followed.length).toBeGreaterThan(11))

test.each(followed)('%s in a fresh project, on supaqueue dev', async (page) => {
  for (const kept of ['supabase', '.supaqueue', '.gitignore']) {
    rmSync(join(they.folder, kept), { recursive: true, force: true })
  }
  await succeeds('npx', 'supabase', 'init', '--yes')
  await succeeds('npx', 'supaqueue', 'init', '--yes')
  const blocks = blocksOf(readPage(page))
  for (const { code, language } of blocks) {
    const path = pathOf(code)
    if (path && language !== 'sql') they.write(path, add(path, code.replace(OUTSIDE, outsideUrl)))
  }

  const port = await freePorts()
  const running = they.start('npx', 'supaqueue', 'dev', '--reset', '--port', String(port))
  let db: pg.Client | undefined
  try {
    await until(() =>
      Promise.resolve(/The first job is a success|not a success|supaqueue: |SQ\d{3}/.test(running.printed.out))
    )
    expect(running.printed.out).toContain('The first job is a success')
    const [, url = ''] = /psql '([^']+)'/.exec(running.printed.out) ?? []
    db = new pg.Client({ connectionString: url })
    await db.connect()
    // The one thing that is not as the page has it: its customer is on this machine.
    if (readPage(page).match(OUTSIDE)) {
      await db.query(`insert into supaqueue.setting values ('allow_private_targets', 'on') on conflict do nothing`)
    }

    for (const { language, code } of blocks) {
      if (pathOf(code) !== undefined) continue
      if (language === 'ts') await runProgram(code, port, running.printed.out)
      if (language !== 'sql') continue
      const results = [await db.query(code.replace(OUTSIDE, outsideUrl))].flat()
      await untilAllEnded(db)
      const last = results.at(-1)!
      if (last.command === 'SELECT') expect(last.rows, code).not.toEqual([])
    }
    await untilAllEnded(db)

    const { rows } = await db.query(`select id, status, error from supaqueue.job where status <> 'success'`)
    expect(rows).toEqual([])
    // More than the first job of init.
    expect((await db.query('select from supaqueue.job')).rowCount).toBeGreaterThan(1)
  } finally {
    await db?.end()
    running.kill('SIGTERM')
    await running.ended
  }
})

const pathOf = (code: string): string | undefined => /^(?:\/\/|#) ([\w./-]+\.(?:ts|json|toml|env))\n/.exec(code)?.[1]

/** What is in a configuration or an environment stays, and the page's part goes behind it, as its reader would write it. */
function add(path: string, code: string): string {
  if (!/\.(toml|env)$/.test(path)) return code
  try {
    const there = they.read(path)
    // A section that is there already is written over, not twice.
    const fresh = code.split(/^(?=\[)/m).filter((part) =>
      !part.startsWith('[') || !there.includes(part.split('\n')[0]!)
    )
    return `${there}\n${fresh.join('')}`
  } catch {
    return code
  }
}

async function runProgram(code: string, port: number, printed: string): Promise<void> {
  const key = (name: string) => new RegExp(`${name} key\\s+(\\S+)`).exec(printed)?.[1]
  // Node 20 has no WebSocket, without which supabase-js does not start.
  they.write('program.mts', `globalThis.WebSocket ??= Object as never\n${code}`)
  Object.assign(they.env, {
    SUPABASE_URL: `http://127.0.0.1:${port}`,
    SUPABASE_SECRET_KEY: key('Secret'),
    SUPABASE_PUBLISHABLE_KEY: key('Publishable'),
    PROVIDER_TOKEN: 'a-token',
  })
  await succeeds('npx', 'tsx', 'program.mts')
}
