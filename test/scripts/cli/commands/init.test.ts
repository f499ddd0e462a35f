import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from '../../../../scripts/cli/main.ts'
import { readConfig } from '../../../../scripts/cli/project/config_toml.ts'
import { fateOf } from '../../../../scripts/cli/project/git.ts'
import { runSupabase, runSupaqueue, silentDeps } from '../../../support/management_api/terminal.ts'

// Files of somebody's project, as the real CLI makes them; no database, no platform.

let folder: string

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'made-'))
  await runSupabase(['init', '--yes'], { cwd: made, env: process.env })
})
afterAll(() => rmSync(made, { recursive: true, force: true }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'))
  git('init', '--quiet')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const put = (path: string, text = '') => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
/** What `supabase init` makes, which takes a second of processor time, is made once. */
let made: string
const supabaseInit = (cwd = folder) => cpSync(made, cwd, { recursive: true })
const init = (args: string[] = ['--yes'], answers?: string[]) =>
  runSupaqueue(['init', ...args], { cwd: folder, env: {}, ...(answers && { answers }) })

/** All files but those of git, by what they say. */
const files = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('.git/') && !entry.parentPath.endsWith('.git'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  )
const names = (prefix: string) => Object.keys(files()).filter((path) => path.startsWith(prefix)).sort()

describe('in a project that supabase init has made', () => {
  beforeEach(() => supabaseInit())

  test('writes all that is needed, and names two ways on', async () => {
    const { code, out } = await init()

    expect(code).toBe(0)
    expect(names('supabase/').filter((path) => !path.includes('.temp/')).map((path) => path.replace(/\d{14}/, '*')))
      .toEqual([
        'supabase/.env',
        'supabase/.gitignore',
        'supabase/config.toml',
        'supabase/functions/greet/deno.json',
        'supabase/functions/greet/index.ts',
        'supabase/functions/supaqueue/deno.json',
        'supabase/functions/supaqueue/index.ts',
        'supabase/migrations/*_supaqueue.sql',
        'supabase/migrations/*_queues.sql',
        'supabase/supaqueue.seed.sql',
      ])
    expect(read('supabase/functions/supaqueue/index.ts').split('\n').slice(1)).toEqual([
      `import { serve } from 'supaqueue/dispatcher'`,
      '',
      'serve()',
      '',
    ])
    expect(out).toMatch(/Here: +npx supaqueue dev .*\n +Hosted: +npx supabase db push && npx supaqueue install\n/)
    expect(out).not.toContain('declarative')
  })

  test('puts the queue behind what makes it, in a file of theirs', async () => {
    await init()

    const [generated = '', theirs = ''] = names('supabase/migrations/')
    expect(generated).toMatch(/_supaqueue\.sql$/)
    expect(theirs).toMatch(/_queues\.sql$/)
    expect(read(theirs)).toMatch(
      /^-- Your queues\..*\nselect supaqueue\.create_queue\('greetings', 'greet', workers => 2\);\n$/,
    )
  })

  test('configures both functions, the schema and the secret', async () => {
    await init()

    expect(readConfig(read('supabase/config.toml'))).toMatchObject({
      api: { schemas: ['public', 'graphql_public', 'supaqueue'] },
      db: { vault: { supaqueue_secret: 'env(SUPAQUEUE_SECRET)' } },
      edge_runtime: { secrets: { SUPAQUEUE_SECRET: 'env(SUPAQUEUE_SECRET)' } },
      functions: {
        supaqueue: { verify_jwt: false, import_map: './functions/supaqueue/deno.json' },
        greet: { verify_jwt: false, import_map: './functions/greet/deno.json' },
      },
    })
  })

  test('makes a secret, in a file that git leaves out and nobody else may read', async () => {
    await init()
    git('add', '--all')

    expect(read('supabase/.env')).toMatch(/^SUPAQUEUE_SECRET=[0-9a-f]{64}\n$/)
    expect(statSync(join(folder, 'supabase/.env')).mode & 0o777).toBe(0o600)
    expect(git('ls-files')).not.toContain('supabase/.env\n')
    expect(git('ls-files')).toContain('supabase/functions/supaqueue/index.ts\n')
  })

  test('adds the secret to what the file has, and takes the next one where git has it', async () => {
    put('supabase/.env', 'SMTP_HOST=localhost')
    git('add', '--force', 'supabase/.env')

    await init()

    expect(read('supabase/.env')).toBe('SMTP_HOST=localhost')
    expect(read('supabase/.env.local')).toMatch(/^SUPAQUEUE_SECRET=/)
    git('rm', '--cached', '--quiet', 'supabase/.env')
  })

  test.each(['SUPAQUEUE_SECRET=\n', 'export SUPAQUEUE_SECRET=""\nA=1\n', 'SUPAQUEUE_SECRET=  # to be made\r\nA=1\r\n'])(
    'fills in what an example has left empty: %j',
    async (before) => {
      put('supabase/.env', before)
      await init()

      expect(read('supabase/.env')).toMatch(/^(A=1\r?\n)?SUPAQUEUE_SECRET=[0-9a-f]{64}\n$/)
    },
  )

  test.each(['export SUPAQUEUE_SECRET=0123456789abcdef', 'SUPAQUEUE_SECRET = "0123456789abcdef" # ours'])(
    'keeps the secret that is there, however it is written: %s',
    async (line) => {
      put('supabase/.env', `${line}\n`)
      await init()

      expect(read('supabase/.env')).toBe(`${line}\n`)
    },
  )

  test('writes the files that it has shown, however long the answer takes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const shown: string[] = []
    try {
      await main(['init'], {
        ...silentDeps({ cwd: folder, env: {} }),
        interactive: true,
        say: (line) => void shown.push(line),
        ask: () => {
          vi.setSystemTime(Date.now() + 3_600_000)
          return Promise.resolve('y')
        },
      })
    } finally {
      vi.useRealTimers()
    }

    expect(names('supabase/migrations/')).toEqual(
      shown.flatMap((line) => /^new: +(supabase\/migrations\/.*)$/.exec(line)?.[1] ?? []),
    )
  })

  test('asks git of a repository of another owner, too', () => {
    put('supabase/.env', 'SMTP_HOST=localhost\n')
    git('add', '--force', 'supabase/.env')
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    put('bin/git', `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${real} "$@"\n`)
    chmodSync(join(folder, 'bin/git'), 0o755)
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`)

    expect(() => execFileSync('git', ['status'], { cwd: folder, stdio: 'pipe' })).toThrow(/dubious ownership/)
    expect(fateOf(folder, 'supabase/.env')).toBe('tracked')
  })

  test('the tables come before the Data API that is to serve them, also where writing breaks off', async () => {
    supabaseInit()
    put('supabase/migrations/20260101000000_theirs.sql', 'select 1;')
    const { text } = await init(['--dry-run'])

    expect(text.indexOf('supabase/config.toml')).toBeGreaterThan(text.indexOf('_supaqueue.sql'))
    expect(text.indexOf('supabase/config.toml')).toBeGreaterThan(text.indexOf('functions/supaqueue/'))
  })

  test('a second run writes nothing, and neither does an upgrade of the same release', async () => {
    await init()
    const before = files()

    const again = await init()
    const upgraded = await runSupaqueue(['upgrade', '--yes'], { cwd: folder, env: {} })

    expect([again.code, upgraded.code]).toEqual([0, 0])
    expect(again.out).toBe('All of it is there already; nothing was written.')
    expect(upgraded.out).toBe(again.out)
    expect(files()).toEqual(before)
  })

  test('an upgrade adds a migration with the difference, and brings back no example that was deleted', async () => {
    await init()
    const [generated = ''] = names('supabase/migrations/')
    rmSync(join(folder, 'supabase/functions/greet'), { recursive: true })
    // As an earlier release would have written it.
    put(
      generated,
      read(generated).replace(/^(-- supaqueue: functions\/core\/control\/pause\.sql) \w+$/m, `$1 ${'0'.repeat(64)}`),
    )

    const { code } = await runSupaqueue(['upgrade', '--yes'], { cwd: folder, env: {} })

    const added = names('supabase/migrations/').at(-1)!
    expect(code).toBe(0)
    expect(names('supabase/migrations/')).toHaveLength(3)
    expect([...read(added).matchAll(/^-- supaqueue: (\S+) /gm)].map(([, title]) => title))
      .toEqual(['functions/core/control/pause.sql'])
    expect(existsSync(join(folder, 'supabase/functions/greet'))).toBe(false)
  })

  test('a dry run names the files and writes none; who says no gets none; nobody there is told of --yes', async () => {
    const before = files()

    const dry = await init(['--dry-run'])
    const declined = await init([], ['n'])
    const alone = await init([])

    expect(dry.out).toMatch(
      /^changed: supabase\/config\.toml$[^]*^new: {5}supabase\/\.env$[^]*Dry run: nothing was written\.$/m,
    )
    expect(declined.code).toBe(3)
    expect(alone).toMatchObject({ code: 2, text: expect.stringContaining('--yes') })
    expect(files()).toEqual(before)
  })

  test('--copy puts the sources there, and a rerun keeps them; --no-example leaves out queue and function', async () => {
    await init(['--yes', '--copy', '--no-example'])
    const before = files()
    const { out } = await init(['--yes', '--no-example'])

    expect(names('supabase/functions/supaqueue/').length).toBeGreaterThan(30)
    expect(names('supabase/functions/greet')).toEqual([])
    expect(names('supabase/migrations/')).toHaveLength(1)
    expect(out).toContain('nothing was written')
    expect(files()).toEqual(before)
  })

  test('says to the compiler of an app that the example is not for it', async () => {
    put('tsconfig.json', '{ "include": ["**/*.ts"] }')
    await init()

    expect(read('supabase/functions/greet/index.ts')).toMatch(/^\/\/ @ts-nocheck: /)
  })

  test('replaces no function of the user, unless that is allowed', async () => {
    put('supabase/functions/supaqueue/index.ts', 'Deno.serve(() => new Response())')
    const before = files()

    const refused = await init()

    expect(refused).toMatchObject({ code: 1, text: expect.stringMatching(/^SQ409: an edge function of your own/m) })
    expect(files()).toEqual(before)
    expect((await init(['--yes', '--replace', 'supaqueue'])).code).toBe(0)
  })
})

describe('finds the project', () => {
  test('of a monorepo below, and says which', async () => {
    mkdirSync(join(folder, 'apps/web'), { recursive: true })
    supabaseInit(join(folder, 'apps/web'))

    const { code, out } = await init()

    expect(code).toBe(0)
    expect(out).toMatch(/^The project in apps\/web:$/m)
    expect(out).toContain('cd apps/web && npx supaqueue dev')
    expect(existsSync(join(folder, 'apps/web/supabase/functions/supaqueue/index.ts'))).toBe(true)
  })

  test('around the folder one stands in', async () => {
    supabaseInit()
    mkdirSync(join(folder, 'src/deep'), { recursive: true })

    const { code } = await runSupaqueue(['init', '--yes'], { cwd: join(folder, 'src/deep'), env: {} })

    expect(code).toBe(0)
    expect(existsSync(join(folder, 'supabase/functions/supaqueue/index.ts'))).toBe(true)
  })

  test('that is named, where there are several, and refuses to guess', async () => {
    for (const name of ['apps/one', 'packages/two']) put(`${name}/supabase/migrations/1_a.sql`)

    const guess = await init()
    const named = await init(['packages/two', '--yes'])

    expect(guess).toMatchObject({ code: 2, text: expect.stringContaining('apps/one, packages/two') })
    expect(named.code).toBe(0)
    expect(names('apps/one/')).toEqual(['apps/one/supabase/migrations/1_a.sql'])
    // It had no config.toml: one is made, named as its folder.
    expect(readConfig(read('packages/two/supabase/config.toml'))).toMatchObject({ project_id: 'two' })
    expect(names('packages/two/supabase/migrations/')[0]).toBe('packages/two/supabase/migrations/1_a.sql')
  })

  test('or says that there is none, and how to make one', async () => {
    expect(await init()).toMatchObject({
      code: 5,
      text: expect.stringMatching(/^SQ404: .*\nWhat to do: .*supabase init/),
    })
    expect(Object.keys(files())).toEqual([])
  })
})
