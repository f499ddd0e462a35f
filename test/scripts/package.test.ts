import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPackage, kitFolder } from '../../scripts/package/build.ts'
import { root } from '../support/markdown.ts'

// A project of somebody's that has the package from npm, and nothing of this repository but zod.

const run = promisify(execFile)

let project: string
let installed: string

beforeAll(() => {
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  project = mkdtempSync(join(root, '.supaqueue/package-'))
  installed = join(project, 'node_modules/@supaqueue/kit')
  buildPackage(installed)
  symlinkSync(join(root, 'node_modules/zod'), join(project, 'node_modules/zod'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('the package has what it says, and no sources', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd: installed })

  const [{ name, files }] = JSON.parse(stdout)
  const sources = readdirSync(kitFolder).filter((file) => file.endsWith('.ts')).map((file) => file.replace(/\.ts$/, ''))
  expect(name).toBe('@supaqueue/kit')
  expect(files.map(({ path }: { path: string }) => path).sort()).toEqual(
    [...sources.flatMap((source) => [`${source}.js`, `${source}.d.ts`]), 'LICENSE', 'README.md', 'package.json'].sort(),
  )
})

test('Node runs it as it is: no TypeScript, no flag', async () => {
  const program = `
    import { z } from 'zod'
    import { defineQueue, handle, openQueue } from '@supaqueue/kit'

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
    writeFileSync(join(project, 'types.ts'), fixture.replace(/'[./]+\/supabase\/functions\/[^']+'/, `'@supaqueue/kit'`))
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
    `import { defineQueue, openQueueAsUser } from '@supaqueue/kit'
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
