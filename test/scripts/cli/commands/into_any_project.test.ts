import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { forgetIgnored, keepFromGit } from '../../../../scripts/cli/project/git.ts'
import { nextVersion } from '../../../../scripts/cli/project/next_version.ts'
import { openWorkdir } from '../../../../scripts/cli/project/workdir.ts'
import { home } from '../../../../scripts/cli/place.ts'
import { callersFolder } from '../../../../scripts/cli/deps.ts'
import { runSupaqueue } from '../../../support/management_api/terminal.ts'

// Projects as other people have them.

let base: string
let folder: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'project-'))
  folder = join(base, 'shop')
  put('supabase/config.toml', 'project_id = "shop"\n')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const at = (path: string) => join(folder, path)
const read = (path: string) => readFileSync(at(path), 'utf8')
function put(path: string, text: string) {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
const place = () => ({ cwd: folder, env: { PATH: process.env.PATH, HOME: base } })
const into = (...args: string[]) => runSupaqueue(['install', '--into', '.', ...args], place())
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x.example', ...args], { cwd: folder, encoding: 'utf8' })

describe("a function of the user's own is not overwritten unasked", () => {
  const own = 'Deno.serve(() => new Response())\n'

  test.for(['index.ts', 'main.ts', 'index.js'])('named supaqueue, %s', async (file) => {
    put(`supabase/functions/supaqueue/${file}`, own)
    const { code, text } = await into()

    expect(code).toBe(1)
    expect(text).toContain('SQ409: an edge function of your own is named supaqueue')
    expect(text).toContain('--replace supaqueue')
    expect(readdirSync(at('supabase'))).toEqual(['config.toml', 'functions'])
    expect(read(`supabase/functions/supaqueue/${file}`)).toBe(own)
  })

  test('--yes is no leave; a dry run names it; a no leaves it; a yes and --replace replace it', async () => {
    put('supabase/functions/supaqueue/index.ts', own)
    put('supabase/functions/supaqueue/helper.ts', own)
    const yes = await into('--yes')
    const dry = await into('--dry-run')
    const no = await runSupaqueue(['install', '--into', '.'], { ...place(), answers: ['n'] })

    expect([yes.code, dry.code, no.code]).toEqual([1, 0, 3])
    expect(dry.text).toContain('there is an edge function supaqueue that is not of supaqueue')
    expect(read('supabase/functions/supaqueue/index.ts')).toBe(own)

    const replaced = await into('--replace', 'supaqueue')
    expect(replaced.code).toBe(0)
    expect(read('supabase/functions/supaqueue/index.ts')).toContain('written by the installer of supaqueue')
    expect((await into()).text).toBe('All of it is there already; nothing was written.')
  })

  test('a function supaqueue-api of the user is theirs until --with api', async () => {
    put('supabase/functions/supaqueue-api/index.ts', own)

    expect((await into()).code).toBe(0)
    expect((await into('--with', 'api')).text).toContain('SQ409: an edge function of your own is named supaqueue-api')
    expect(read('supabase/functions/supaqueue-api/index.ts')).toBe(own)
  })

  test('an entry point of the function that stood there does not come along', async () => {
    put('supabase/config.toml', '[functions.supaqueue]\nentrypoint = "./functions/supaqueue/main.ts"\n')
    put('supabase/functions/supaqueue/main.ts', own)
    await into('--replace', 'supaqueue')

    expect(read('supabase/config.toml')).not.toContain('entrypoint')
  })
})

describe('the secret does not go where git takes it', () => {
  beforeEach(() => git('init', '-q'))
  const add = (file: string) => {
    put(file, 'SUPAQUEUE_SECRET=x\n')
    git('add', '-A')
    return git('status', '--porcelain').split('\n').map((line) => line.slice(3))
  }
  const named = (text: string) => /SUPAQUEUE_SECRET=\$\(.*\)" >> (\S+)\)/.exec(text)?.[1] ?? ''

  const gitignores: [string, Record<string, string>][] = [
    ['none', {}],
    ['that of supabase init 3', { 'supabase/.gitignore': '.branches\n.temp\n\n.env.keys\n.env.local\n.env.*.local\n' }],
    ['that of supabase init 1', { 'supabase/.gitignore': '.branches\n.temp\n.env\n' }],
    ['one without a newline at its end', { 'supabase/.gitignore': '.branches' }],
    ['one at the root', { '.gitignore': '.env*\n' }],
    ['one at the root that brings it back', { '.gitignore': '.env\n!supabase/.env\n' }],
    ['one of supabase that brings it back', { 'supabase/.gitignore': '.env\n!.env\n' }],
  ]
  test.for(gitignores)('a .gitignore: %s', async ([, files]) => {
    for (const [path, text] of Object.entries(files)) put(path, text)
    const { code, text } = await into()
    const file = named(text)

    expect(code).toBe(0)
    expect(file).toMatch(/^supabase\/\.env/)
    expect(add(file)).not.toContain(file)
    expect((await into()).text).toBe('All of it is there already; nothing was written.')
  })

  test('a supabase/.env that git has: another file is named; both: refused before anything is written', async () => {
    put('supabase/.env', 'SMTP_HOST=localhost\n')
    git('add', '-f', '.')
    git('commit', '-qm', 'x')
    const { code, text } = await into()

    expect(code).toBe(0)
    expect(named(text)).toBe('supabase/.env.local')
    expect(add(named(text))).not.toContain('supabase/.env.local')

    git('add', '-f', 'supabase/.env.local')
    git('commit', '-qm', 'x')
    rmSync(at('supabase/functions'), { recursive: true })
    const refused = await into()
    expect(refused.text).toContain('SQ409: git has supabase/.env')
    expect(refused.text).toContain('git rm --cached supabase/.env')
    expect(existsSync(at('supabase/functions'))).toBe(false)
  })

  test('before there is a repository, too', async () => {
    rmSync(at('.git'), { recursive: true })
    const { text } = await into()
    git('init', '-q')

    expect(add(named(text))).not.toContain('supabase/.env')
  })

  test('install --local refuses a functions/.env that git has, before it asks the database', async () => {
    put('supabase/functions/.env', 'SMTP_HOST=localhost\n')
    git('add', '-f', '.')
    git('commit', '-qm', 'x')
    const { openProject } = await import('../../../../scripts/cli/project/open.ts')
    const { silentDeps } = await import('../../../support/management_api/terminal.ts')
    const { edge } = await openProject({ local: true }, silentDeps(place()))

    await expect(edge.assertKeepsSecrets()).rejects.toMatchObject({
      code: 'SQ409',
      message: /git has supabase\/functions\/\.env/,
    })
    expect(() => edge.setSecrets({ SUPAQUEUE_SECRET: 'x' })).toThrow(/git has/)
    expect(read('supabase/functions/.env')).toBe('SMTP_HOST=localhost\n')
  })

  test('install --local has functions/.env left out, and remove takes the line away', async () => {
    const { openProject } = await import('../../../../scripts/cli/project/open.ts')
    const { silentDeps } = await import('../../../support/management_api/terminal.ts')
    put('supabase/.gitignore', '.temp\n')
    const { edge } = await openProject({ local: true }, silentDeps(place()))
    await edge.setSecrets({ SUPAQUEUE_SECRET: 'x' })
    git('add', '-A')

    expect(git('status', '--porcelain')).not.toContain('functions/.env')

    await edge.unsetSecrets(['SUPAQUEUE_SECRET'])
    expect(read('supabase/.gitignore')).toBe('.temp\n')
    expect(existsSync(at('supabase/functions/.env'))).toBe(false)
  })
})

describe('lines that end as on Windows', () => {
  const asWindows = (path: string) => put(path, read(path).replace(/\r?\n/g, '\r\n'))
  const init = () => runSupaqueue(['init', '.', '--yes'], place())

  test('stay so in each file that has them, and what git has put there so is not written again', async () => {
    const warned = vi.spyOn(console, 'warn')
    const theirs = ['supabase/config.toml', 'supabase/.gitignore']
    put('supabase/config.toml', 'project_id = "shop"\r\n\r\n[api]\r\nport = 1\r\n')
    put('supabase/.gitignore', '.temp\r\n')
    put('supabase/.env', 'SMTP_HOST=localhost\r\n')
    const first = await init()
    for (const path of theirs) expect(read(path), path).not.toMatch(/[^\r]\n/)

    const ours = ['index.ts', 'deno.json'].map((file) => `supabase/functions/supaqueue/${file}`)
    for (const path of [...ours, 'supabase/supaqueue.seed.sql']) asWindows(path)
    for (const file of readdirSync(at('supabase/migrations'))) asWindows(`supabase/migrations/${file}`)

    expect(first.code).toBe(0)
    expect((await init()).text).toBe('All of it is there already; nothing was written.')
    expect(warned).not.toHaveBeenCalled()
  })

  test('the line for the secret is taken away again', () => {
    put('supabase/.gitignore', '.temp\r\n')
    const workdir = openWorkdir(folder, () => {})
    keepFromGit(workdir, 'supabase/.env')
    forgetIgnored(workdir)

    expect(read('supabase/.gitignore')).toBe('.temp\r\n')
  })
})

describe('an app that compiles every TypeScript file of its folder', () => {
  test('compiles as before, the HTTP API included', async () => {
    put('app/page.ts', 'export const page: string = "x"\n')
    put('package.json', '{ "type": "module" }')
    put(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          target: 'ES2017',
          lib: ['dom', 'dom.iterable', 'esnext'],
          allowJs: true,
          skipLibCheck: true,
          strict: true,
          noEmit: true,
          esModuleInterop: true,
          module: 'esnext',
          moduleResolution: 'bundler',
          resolveJsonModule: true,
          isolatedModules: true,
          jsx: 'preserve',
          incremental: false,
          types: [],
        },
        include: ['**/*.ts', '**/*.tsx'],
        exclude: ['node_modules'],
      }),
    )
    const { code } = await into('--with', 'api')
    const compile = () =>
      execFileSync(process.execPath, [join(home, 'node_modules/typescript/lib/tsc.js'), '-p', '.'], {
        cwd: folder,
        encoding: 'utf8',
      })

    expect(code).toBe(0)
    expect(compile()).toBe('')
  })
})

describe("a migration comes behind the user's last one", () => {
  const now = '20261128101112'

  test.for([
    [[], now],
    [['20240101000000_a.sql'], now],
    [['20991231235958_a.sql'], '20991231235959'],
    // A time of its own, which the CLI shows as one.
    [['20991231235959_a.sql'], '21000101000000'],
    [['20991231235960_a.sql'], '21000101000001'],
    [['20991399000000_a.sql'], '21000409000001'],
    [['99991231235959_a.sql'], '99991231235960'],
    [['100_u.sql', '30_t.sql'], '31'],
    [['0001_init.sql', '0009_b.sql'], '0010'],
    [['20240101_a.sql'], '20240102'],
    [['202611281011_a.sql'], '202611281012'],
    [['20261128101112000_a.sql'], '20261128101112001'],
    [['1_a.sql', '2_b.sql'], '3'],
  ] as [string[], string][])('%j: %s', ([files, version]) => {
    const mine = `${version}_supaqueue.sql`

    expect(nextVersion(files, now)).toBe(version)
    // As the CLI sorts them: names of files, and versions, as texts.
    expect([...files, mine].sort().at(-1)).toBe(mine)
    expect([...files.map((file) => file.replace(/_.*/, '')), version].sort().at(-1)).toBe(version)
  })

  test.for(['9_a.sql', '99_a.sql', '99999999999999_a.sql'])(
    'behind %s nothing can come, and that is said',
    async (file) => {
      put(`supabase/migrations/${file}`, '')
      const { code, text } = await into()

      expect(text).toContain(`SQ409: no migration can come behind supabase/migrations/${file}`)
      expect(code).toBe(1)
      expect(readdirSync(at('supabase'))).toEqual(['config.toml', 'migrations'])
    },
  )

  test('that is where --into puts it', async () => {
    put('supabase/migrations/100_u.sql', '')
    put('supabase/migrations/30_t.sql', '')
    await into()

    expect(readdirSync(at('supabase/migrations')).sort().at(-1)).toBe('31_supaqueue.sql')
  })
})

describe('what the files of a project mean for supaqueue is said in the next steps', () => {
  test.for([
    ['', /npx supabase db push/],
    ['[inbucket]\nenabled = true\n', /npx supabase@2 db push[^]*the newest refuses it/],
    [
      '[remotes.staging]\nproject_id = "abcdefghijklmnopqrst"\n[remotes.staging.api]\nschemas = ["public"]\n',
      /\[remotes\.staging\.api\] has schemas of its own/,
    ],
    ['[remotes.staging]\nproject_id = "abcdefghijklmnopqrst"\n', /\[remotes\.staging\] runs supaqueue\.seed\.sql/],
    ['[db.seed]\nenabled = false\n', /\[db\.seed\] is switched off.*run it by hand/],
    [
      '[db.migrations]\nschema_paths = ["./schemas/*.sql"]\n',
      /declarative schemas.*db diff would write a migration that drops it/,
    ],
    ['[edge_runtime]\ndeno_version = 1\n', /deno_version = 1.*Set it to 2/],
    ['[functions.supaqueue]\nenabled = false\n', /nothing is dispatched until it is true/],
  ] as [string, RegExp][])('%j', async ([toml, said]) => {
    put('supabase/config.toml', `project_id = "shop"\n${toml}`)
    const { code, text } = await into()

    expect(code).toBe(0)
    expect(text).toMatch(said)
  })

  test('a folder of declarative schemas; a function with an import map of the old kind; a CLI that is pinned', async () => {
    put('supabase/schemas/a.sql', '')
    put('supabase/functions/hello/import_map.json', '{}')
    const { text } = await into()
    put('package.json', '{ "devDependencies": { "supabase": "1.200.3" } }')
    rmSync(at('supabase/functions/supaqueue'), { recursive: true })
    const pinned = await into()

    expect(text).toMatch(/npx supabase@2 db push[^]*declarative schemas/)
    expect(pinned.text).toContain('npx supabase db push')
  })
})

describe('the project is the one that it is called for', () => {
  test('a package manager that goes to our folder says where it was called', () => {
    expect(callersFolder(home, { INIT_CWD: folder })).toBe(folder)
    expect(callersFolder(home, {})).toBe(home)
    // Left over from a script that went on to a folder of its choice.
    expect(callersFolder(folder, { INIT_CWD: base })).toBe(folder)
  })

  test('pnpm --dir works on the folder it is called in', () => {
    const out = execFileSync(process.execPath, [
      '--import',
      join(home, 'node_modules/tsx/dist/loader.mjs'),
      join(home, 'scripts/cli/supaqueue.ts'),
      'install',
      '--into',
      '.',
      '--dry-run',
    ], { cwd: home, env: { PATH: process.env.PATH, HOME: base, INIT_CWD: folder }, encoding: 'utf8' })

    expect(out).toContain('Dry run: nothing was written.')
  })

  test.for([
    ['install', '--into', '.'],
    ['install', '--local', '--yes'],
    ['remove', '--local', '--yes'],
    ['remove', '--local', '--yes', '--dry-run'],
  ])('%s %s in our own folder is refused', async (args) => {
    const { code, text } = await runSupaqueue(args, { cwd: home, env: { PATH: process.env.PATH, HOME: base } })

    expect(text).toContain('is supaqueue itself, not a project of yours')
    expect(code).toBe(2)
    expect(existsSync(join(home, 'supabase/functions/supaqueue/index.ts'))).toBe(true)
  })
})
