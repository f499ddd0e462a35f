import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEdgeHost } from '../../scripts/dev/edge/host.ts'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys } from '../../scripts/dev/keys.ts'
import { root } from '../support/markdown.ts'

// Functions of a project that somebody sends, run by `supaqueue dev`: what they try to read of the machine by importing it.

// Not among temporary files, which they may read: a clone of this repository may itself be there.
const isTemporary = ['/tmp', tmpdir()].some((folder) => root.startsWith(`${folder}/`))
const apart = isTemporary ? homedir() : join(root, '.supaqueue')
mkdirSync(apart, { recursive: true })
const base = mkdtempSync(join(apart, '.hostile-imports-'))
const denoDirectory = join(base, 'deno')
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('what a function imports', () => {
  const outside = join(base, 'outside')
  const secrets = {
    'key.txt': 'geheim-7',
    'key.json': '{"key": "geheim-7"}',
    'key.ts': `export default 'geheim-7'`,
    'key': 'geheim-7',
  }
  beforeAll(() => {
    for (const [name, text] of Object.entries(secrets)) put(join(outside, name), text)
    put(join(outside, 'imports/deno.json'), `{ "imports": { "key": "${join(outside, 'key.ts')}" } }`)
  })
  const put = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  /** A project of one function and whatever else, and what it answers or what is said of it. */
  async function answer(files: Record<string, string>, links: Record<string, string> = {}, below = '', among = base) {
    const project = join(mkdtempSync(join(among, 'imports-')), below)
    for (const [path, text] of Object.entries(files)) put(join(project, path), text)
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(project, path))
    const lines: string[] = []
    const host = await startEdgeHost({
      functionsDirectory: join(project, 'supabase/functions'),
      environment: {},
      denoDirectory,
      log: (line) => lines.push(line),
      inside: [project],
      replacement: { name: 'supaqueue', entrances: {}, imports: {} },
    })
    const gateway = await startGateway({ keyring: makeKeyring(await makeKeys()) })
    try {
      gateway.open({ edge: host, rest: { handle: () => {} } })
      const response = await fetch(`${gateway.url}/functions/v1/one`)
      return { status: response.status, text: await response.text() + lines.join('\n') }
    } finally {
      await host.stop()
      await gateway.stop()
    }
  }
  const index = 'supabase/functions/one/index.ts'
  const serve = (value: string) => `Deno.serve(async () => new Response(String(${value})))`
  const to = (name: string) => join(outside, name)

  test.for<[string, Record<string, string>, Record<string, string>?]>([
    ['a text', { [index]: `import key from '${to('key')}' with { type: 'text' }; ${serve('key')}` }],
    ['JSON', { [index]: `import key from '${to('key.json')}' with { type: 'json' }; ${serve('key.key')}` }],
    ['a module', { [index]: `import key from '${to('key.ts')}'; ${serve('key')}` }],
    ['a module, by a path that goes up', { [index]: `import key from '../../../../outside/key.ts'; ${serve('key')}` }],
    ['a module, by a URL', { [index]: `import key from 'file://${to('key.ts')}'; ${serve('key')}` }],
    ['what is exported at once', { [index]: `export * from '${to('key.ts')}'; ${serve('1')}` }],
    ['a text, later', {
      [index]: serve(`(await import('${to('key')}', { with: { type: 'text' } })).default`),
    }],
    ['a text, by a name that is made', {
      [index]: serve(
        `await import(['${outside}', 'key'].join('/'), { with: { type: 'text' } }).then((all) => all.default, String)`,
      ),
    }],
    ['by another module', {
      [index]: `import key from './deep/down.ts'; ${serve('key')}`,
      'supabase/functions/one/deep/down.ts': `export { default } from '${to('key.ts')}'`,
    }],
    ['by a module in a URL', {
      [index]: `import key from 'data:text/javascript,export { default } from "file://${to('key.ts')}"'; ${
        serve('key')
      }`,
    }],
    ['by its import map', {
      [index]: `import key from 'key'; ${serve('key')}`,
      'supabase/functions/one/deno.json': `{ "imports": { "key": "${to('key.ts')}" } }`,
    }],
    ['by a scope of its import map', {
      [index]: `import key from 'key'; ${serve('key')}`,
      'supabase/functions/one/deno.json': `{ "scopes": { "./": { "key": "${to('key.ts')}" } } }`,
    }],
    ['by the import map of another', {
      [index]: `import key from 'key'; ${serve('key')}`,
      'supabase/functions/one/deno.json': `{ "importMap": "${to('imports/deno.json')}" }`,
    }],
    ['by the map for all functions', {
      [index]: `import key from 'key'; ${serve('key')}`,
      'supabase/functions/import_map.json': `{ "imports": { "key": "${to('key.ts')}" } }`,
    }],
    ['as its runtime of JSX', {
      'supabase/config.toml': '[functions.one]\nentrypoint = "./functions/one/index.tsx"\n',
      'supabase/functions/one/index.tsx': `/** @jsxImportSource file://${outside} */\nconst it = <a />; ${serve('it')}`,
    }],
    ['as a folder that is linked to', {
      [index]: `import key from './linked/key.ts'; ${serve('key')}`,
    }, { 'supabase/functions/one/linked': outside }],
    ['as its entry', { [index]: '', 'supabase/config.toml': `[functions.one]\nentrypoint = "${to('key.ts')}"\n` }],
    ['as its import map', {
      [index]: serve(`Array.from(Deno.readDirSync('/tmp')).flatMap(({ name }) => {
        try { return Deno.readTextFileSync(\`/tmp/\${name}/one.deno.json\`) } catch { return [] }
      })`),
      'supabase/config.toml': `[functions.one]\nimport_map = "${to('key.json')}"\n`,
    }],
    ['in a worker', {
      [index]: serve(`await new Promise((resolve) => {
        const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = (event) => (event.preventDefault(), resolve(event.message))
      })`),
      'supabase/functions/one/worker.ts': `import key from '${to('key')}' with { type: 'text' }; postMessage(key)`,
    }],
    ['as a package of npm', {
      [index]: `import key from 'npm:key'; ${serve('key')}`,
      'supabase/functions/one/deno.json': `{ "links": ["${outside}"] }`,
    }],
    ['as what the last start left in what is downloaded', {
      [index]: serve(
        `(() => { try { return Array.from(Deno.readDirSync('${denoDirectory}/gen')).length + 'geheim-7' } catch (reason) { return reason } })()`,
      ),
    }],
  ])('is nothing of this machine: %s', async ([, files, links]) => {
    expect((await answer(files, links)).text).not.toContain('geheim-7')
  })

  test('is whatever there is in the project, outside of its functions, too', async () => {
    const { status, text } = await answer({
      [index]: `import key from '../../../packages/shared/index.ts'
        import { same } from 'same'
        import data from '../../../data.json' with { type: 'json' }
        ${serve('[key, same, data.it]')}`,
      'packages/shared/index.ts': `export default 'of the project'`,
      'supabase/functions/one/deno.json': '{ "imports": { "same": "../_shared/same.ts" } }',
      'supabase/functions/_shared/same.ts': `export const same = 'shared'`,
      'data.json': '{ "it": "data" }',
    })

    expect({ status, text }).toEqual({ status: 200, text: 'of the project,shared,data' })
  })

  test('and a comma in the name of a folder opens no other', async () => {
    const read = serve(
      `(() => { try { return Deno.readTextFileSync('${to('key')}') } catch (reason) { return reason } })()`,
    )
    const { status, text } = await answer({ [index]: read }, {}, `a,${outside}/b`)

    expect({ status, text }).toEqual({ status: 503, text: expect.stringContaining('no folder with a comma') })
  })

  test('stays what was looked at: functions write none of their own files, where they are temporary ones, too', async () => {
    const write = serve(
      `(() => { try { return Deno.writeTextFileSync(import.meta.filename, '') } catch (reason) { return reason } })()`,
    )
    const temporary = mkdtempSync(join(tmpdir(), 'hostile-imports-'))
    try {
      for (const among of [base, temporary]) {
        expect((await answer({ [index]: write }, {}, '', among)).text).toContain('NotCapable')
      }
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  })
})
