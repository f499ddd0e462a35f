import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFence, readWithin } from '../../scripts/dev/edge/fence.ts'
import { expectInside, readInside } from '../../scripts/dev/project/expect_inside.ts'
import { openProjectFiles } from '../../scripts/dev/project/open.ts'
import { runSupaqueue } from '../support/management_api/terminal.ts'

// A folder that somebody sends, for supaqueue to be put into: what it tries, in vain.

let base: string
let outside: string
let folder: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hostile-'))
  outside = join(base, 'outside')
  folder = join(base, 'project')
  put(join(outside, 'victim.txt'), 'of the user')
  put(join(outside, 'app.ts'), 'of the user')
  put(join(outside, 'package.json'), '{}')
  put(join(folder, 'supabase/config.toml'), 'project_id = "shop"\n')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const put = (file: string, text: string) => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const at = (path: string) => join(folder, path)

/** Every file below, with what it holds; links are named, and not followed. */
const everything = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path
    })
    .sort()

const run = (args: string[], env: Record<string, string> = {}) =>
  runSupaqueue(args, { cwd: folder, env: { PATH: process.env.PATH, HOME: base, ...env } })
const into = (...args: string[]) => run(['install', '--into', folder, ...args])
// Nothing listens there: what is refused before the database is asked needs none.
const local = (command: string) =>
  run([command, '--local', '--yes', '--db-url', 'postgresql://postgres:x@127.0.0.1:1/postgres'])

describe('links', () => {
  const links: [string, string][] = [
    ['supabase', 'outside'],
    ['supabase/config.toml', 'outside/victim.txt'],
    ['supabase/supaqueue.seed.sql', 'outside/victim.txt'],
    ['supabase/supaqueue.seed.sql', 'outside/not-there-yet.txt'],
    ['supabase/migrations', 'outside'],
    ['supabase/migrations/20200101000000_first.sql', 'outside/victim.txt'],
    ['supabase/functions', 'outside'],
    ['supabase/functions/supaqueue', 'outside'],
    ['supabase/functions/supaqueue/index.ts', 'outside/victim.txt'],
    ['supabase/functions/supaqueue/deep/down', 'outside'],
    ['supabase/functions/supaqueue-api', 'outside'],
    ['supabase/functions/.env', 'outside/victim.txt'],
    ['supabase/.gitignore', 'outside/victim.txt'],
    ['supabase/.env', 'outside/victim.txt'],
    // Inside, too: what is written through it would show elsewhere.
    ['supabase/functions', 'project/other'],
  ]

  for (const command of ['--into', '--local', 'remove --local'] as const) {
    test.for(links)(
      `${command}: %s -> %s is refused by name, before anything is written or deleted`,
      async ([link, target]) => {
        put(at('other/hello/index.ts'), '')
        rmSync(at(link), { recursive: true, force: true })
        mkdirSync(dirname(at(link)), { recursive: true })
        symlinkSync(join(base, target), at(link))
        const before = everything(base)
        const { code, text } = command === '--into'
          ? await into('--with', 'api', '--replace', 'supaqueue', '--replace', 'supaqueue-api')
          : await local(command === '--local' ? 'install' : 'remove')

        expect(text).toContain(`SQ409: ${link} is a link to ${join(base, target)}`)
        expect(code).toBe(1)
        expect(everything(base)).toEqual(before)
      },
    )
  }

  test('a project that is itself named by a link is the one that the link names', async () => {
    symlinkSync(folder, join(base, 'mine'))
    const { code } = await run(['install', '--into', join(base, 'mine')])

    expect(code).toBe(0)
    expect(existsSync(at('supabase/functions/supaqueue/index.ts'))).toBe(true)
  })

  test('a second name of a file elsewhere (a hard link) keeps what it had', async () => {
    put(join(outside, 'config.toml'), 'project_id = "shop"\n')
    rmSync(at('supabase/config.toml'))
    linkSync(join(outside, 'config.toml'), at('supabase/config.toml'))
    linkSync(join(outside, 'victim.txt'), at('supabase/supaqueue.seed.sql'))
    const { code } = await into()

    expect(code).toBe(0)
    expect(readFileSync(join(outside, 'config.toml'), 'utf8')).toBe('project_id = "shop"\n')
    expect(readFileSync(join(outside, 'victim.txt'), 'utf8')).toBe('of the user')
    expect(readFileSync(at('supabase/supaqueue.seed.sql'), 'utf8')).toContain('functions_url')
  })

  test.for([
    ['.supaqueue', 'outside'],
    ['.supaqueue/answers.json', 'outside/victim.txt'],
  ] as [string, string][])(
    'what is remembered of a hosted project does not go through %s -> %s',
    async ([link, target]) => {
      mkdirSync(dirname(at(link)), { recursive: true })
      symlinkSync(join(base, target), at(link))
      const before = everything(base)
      const { remember } = await import('../../scripts/cli/project/prompts.ts')
      const { silentDeps } = await import('../support/management_api/terminal.ts')

      expect(() => remember(silentDeps({ cwd: folder, env: {} }), { projectRef: 'a'.repeat(20) })).toThrow(/is a link/)
      expect(everything(base)).toEqual(before)
    },
  )
})

describe('what is no file', () => {
  test.for(['supabase/config.toml', 'supabase/supaqueue.seed.sql', 'supabase/functions/.env'])(
    'a pipe in the place of %s is refused rather than waited for',
    async (path) => {
      rmSync(at(path), { force: true })
      mkdirSync(dirname(at(path)), { recursive: true })
      execFileSync('mkfifo', [at(path)])
      const { code, text } = await into()

      expect(text).toContain(`SQ409: ${path} is not a plain file`)
      expect(code).toBe(1)
    },
  )

  test('a folder in the place of a file, and a file in the place of a folder', async () => {
    mkdirSync(at('supabase/supaqueue.seed.sql'))
    expect((await into()).text).toContain('SQ409: supabase/supaqueue.seed.sql is not a plain file')
    rmSync(at('supabase/supaqueue.seed.sql'), { recursive: true })

    put(at('supabase/migrations'), '')
    expect((await into()).text).toContain('SQ409: supabase/migrations is not a plain file')
    expect(existsSync(at('supabase/functions'))).toBe(false)
  })
})

describe('values of config.toml', () => {
  test.for([
    '[db]\nport = "1@evil.example:5432"',
    '[db]\nport = 0',
    '[db]\nport = 65536',
    '[db]\nport = 54322.5',
    '[db]\nport = -1',
    '[db]\nport = "env(NOT_SET)"',
    '[db]\nport = "env(EVIL)"',
    '[db]\nport = ["54322"]',
    '[api]\nport = "80@evil.example/"',
    '[api]\nport = "env(EVIL)"',
    '[api]\nschemas = "public"',
    '[api]\nschemas = [1]',
    '[db.seed]\nsql_paths = "x"',
    '[db.vault]\nx = 1',
    '[functions]\nsupaqueue = "x"',
    '[functions.supaqueue]\nverify_jwt = "no"',
  ])('%j reaches no URL and no file', async (toml) => {
    put(at('supabase/config.toml'), `${toml}\n`)
    const before = everything(base)
    const { code, text } = await run(['status', '--local'], { EVIL: '1@evil.example:5432' })

    expect(text).toMatch(/^SQ422: supabase\/config\.toml: /)
    expect(text).not.toContain('evil.example:5432 ')
    expect(code).toBe(2)
    expect(everything(base)).toEqual(before)
  })

  test('a port that the environment says counts', async () => {
    put(at('supabase/config.toml'), '[db]\nport = "env(DB_PORT)"\n')
    const { text } = await run(['status', '--local'], { DB_PORT: '1' })

    expect(text).toContain('SQ504: the database at 127.0.0.1:1 could not be connected to')
  })
})

describe('options and the environment', () => {
  const refs = [
    `x'); drop table public.t; --`,
    'ABCDEFGHIJKLMNOPQRST',
    'a'.repeat(21),
    '../../etc',
    'a.evil.example/?',
    '\u001b[2J',
  ]
  const urls = [
    `https://x'); drop table public.t; --`,
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://user:pw@x.example/functions/v1',
    'https://x.example/functions/v1?x=1',
    'https://x.example/functions/v1#x',
    'https://x.example/a b',
    'https://x.example/\n--',
    'https://',
    '',
  ]

  test.for(refs)('a project ref %j becomes part of nothing', async (ref) => {
    for (
      const { code, text } of [
        await into('--project-ref', ref),
        await run(['install', '--into', folder], { SUPABASE_PROJECT_ID: ref }),
      ]
    ) {
      expect(text).toMatch(/^SQ422: .*is not a project ref/)
      expect(text).not.toContain('\u001b')
      expect(code).toBe(2)
    }
    expect(readdirSync(at('supabase'))).toEqual(['config.toml'])
  })

  test.for(urls)('a functions URL %j becomes part of nothing', async (url) => {
    const given = await into('--functions-url', url)

    expect(given.text).toMatch(/^SQ422: --functions-url is not an address of functions/)
    expect(given.code).toBe(2)
    expect(readdirSync(at('supabase'))).toEqual(['config.toml'])
  })

  test('a functions URL of the environment neither, and what is no number', async () => {
    const refused = [
      await run(['status', '--local'], { SUPAQUEUE_FUNCTIONS_URL: `https://x'--` }),
      await run(['doctor', '--project-ref', 'a'.repeat(20)], {
        SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}`,
        SUPAQUEUE_TIMEOUT_MS: '1e9',
      }),
    ]

    for (const { code, text } of refused) {
      expect(text).toMatch(/^SQ422: SUPAQUEUE_/)
      expect(code).toBe(2)
    }
  })

  test('a ref that the folder offers is offered only if it is one', async () => {
    put(at('.supaqueue/answers.json'), JSON.stringify({ projectRef: '\u001b]0;owned\u0007' }))
    put(at('supabase/.temp/project-ref'), `x'); drop table public.t; --`)
    const { text } = await runSupaqueue(['status'], { cwd: folder, env: { HOME: base }, answers: [''] })

    expect(text).toBe(
      'Project ref: \nSQ422: the project ref is empty\nWhat to do: It is the first part of the project URL: twenty small letters.',
    )
  })
})

describe('dev', () => {
  const start = () => openProjectFiles({ port: 54321, project: folder }, folder, () => {})
  const lead = (link: string, target: string) => {
    rmSync(at(link), { recursive: true, force: true })
    mkdirSync(dirname(at(link)), { recursive: true })
    symlinkSync(target, at(link))
  }

  test.for([
    ['supabase/config.toml', 'victim.txt'],
    ['supabase/functions', ''],
    ['supabase/functions/.env', 'victim.txt'],
    ['supabase/functions/hello', ''],
    ['supabase/functions/hello/index.ts', 'victim.txt'],
    ['supabase/functions/hello/deep/down/data.json', 'victim.txt'],
    ['supabase/functions/hello/node_modules/x', ''],
    ['supabase/migrations', ''],
    ['supabase/migrations/20260101000000_first.sql', 'victim.txt'],
    ['supabase/seed.sql', 'victim.txt'],
    ['supabase', '.'],
  ])('reads and serves nothing that %s, a link, leads to', ([link, target]) => {
    put(join(outside, 'config.toml'), 'project_id = "shop"\n')
    lead(link!, join(outside, target!))

    expect(start).toThrow(expect.objectContaining({ code: 'SQ409', message: expect.stringContaining('leads out of') }))
  })

  test.for(['../../outside/victim.txt', './../../outside/victim.txt', '../../outside/not-there.sql'])(
    'has no seed %s',
    (path) => {
      put(at('supabase/config.toml'), `[db.seed]\nsql_paths = ["${path}"]\n`)

      if (path.includes('not-there')) expect(start()?.folder).toBe(folder)
      else expect(start).toThrow(expect.objectContaining({ code: 'SQ409' }))
    },
  )

  test.for([
    'supabase/config.toml',
    'supabase/functions/.env',
    'supabase/functions/hello/index.ts',
    'supabase/seed.sql',
  ])(
    'waits for no pipe in the place of %s',
    (path) => {
      rmSync(at(path), { force: true })
      mkdirSync(dirname(at(path)), { recursive: true })
      execFileSync('mkfifo', [at(path)])

      expect(start).toThrow(expect.objectContaining({ code: 'SQ409', message: expect.stringContaining('not a plain') }))
    },
  )

  test.for([
    ['a link that leads out', () => symlinkSync(join(outside, 'victim.txt'), at('supabase/seed.sql'))],
    ['a pipe', () => execFileSync('mkfifo', [at('supabase/seed.sql')])],
    ['a folder', () => mkdirSync(at('supabase/seed.sql'))],
  ] as [string, () => void][])(
    'reads no file that was exchanged for %s since it was looked at',
    ([, make]) => {
      put(at('supabase/seed.sql'), 'select 1')
      expectInside(folder, [at('supabase/seed.sql')])
      expect(readInside(folder, at('supabase/seed.sql'))).toBe('select 1')
      rmSync(at('supabase/seed.sql'))
      make()

      expect(() => readInside(folder, at('supabase/seed.sql'))).toThrow(expect.objectContaining({ code: 'SQ409' }))
      expect(() => readWithin(makeFence([folder]), at('supabase/seed.sql'))).toThrow(/NOT STARTED/)
    },
  )

  test('reads no file that is too large to be one of a project', () => {
    put(at('supabase/migrations/20260101000000_first.sql'), '')
    truncateSync(at('supabase/migrations/20260101000000_first.sql'), 2 ** 40)

    expect(start).toThrow(expect.objectContaining({ code: 'SQ409', message: expect.stringContaining('bytes large') }))
  })

  test('follows links within the repository, of which the project is a part', () => {
    mkdirSync(join(base, '.git'))
    put(join(base, 'packages/shared/index.ts'), '')
    lead('supabase/functions/_shared', join(base, 'packages/shared'))
    lead('supabase/functions/loop', at('supabase/functions'))
    lead('supabase/functions/dangling', at('nowhere'))

    expect(start()?.folder).toBe(folder)
  })

  test.for(['SUPABASE_URL=http://evil', 'SUPAQUEUE_SECRET=known', 'SUPABASE_SECRET_KEYS={}'])(
    'takes no %s from .env',
    (line) => {
      put(at('supabase/functions/.env'), `${line}\n`)

      expect(start()?.stack.environment).toEqual({})
    },
  )
})

describe('git', () => {
  test('no program that the folder names is run when git is asked', async () => {
    execFileSync('git', ['init', '-q'], { cwd: folder })
    put(at('.git/run-me'), `#!/bin/sh\ntouch ${join(base, 'ran')}\n`)
    chmodSync(at('.git/run-me'), 0o755)
    execFileSync('git', ['config', 'core.fsmonitor', at('.git/run-me')], { cwd: folder })
    const { code } = await into()

    expect(code).toBe(0)
    expect(existsSync(join(base, 'ran'))).toBe(false)
  })

  test('names of files do not steer the terminal', async () => {
    const name = 'gone\u001b[2J.ts'
    expect((await into()).code).toBe(0)
    put(at(`supabase/functions/supaqueue/${name}`), '')
    const { text } = await into()

    expect(text).toContain('removed: supabase/functions/supaqueue/gone\\u001b[2J.ts')
    expect(text).not.toContain('\u001b')
  })
})
