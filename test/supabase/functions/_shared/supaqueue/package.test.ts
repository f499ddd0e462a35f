import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { denoProgram } from '../../../../../scripts/dev/edge/deno.ts'

const folder = fileURLToPath(new URL('../../../../../supabase/functions/_shared/supaqueue', import.meta.url))
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('the kit as a package', () => {
  test('has the same version and entrances for Deno, for Node, and in the package on npm', () => {
    const [jsr, forNode] = [JSON.parse(read('jsr.json')), JSON.parse(read('package.json'))]
    const npm = JSON.parse(readFileSync(join(folder, '../../../../package.json'), 'utf8'))

    expect(forNode).toMatchObject({ version: jsr.version, exports: jsr.exports })
    expect(npm.version).toBe(jsr.version)
    expect(Object.keys(npm.exports)).toEqual(expect.arrayContaining(Object.keys(jsr.exports)))
    for (const path of Object.values<string>(jsr.exports)) expect(sources).toContain(path.replace('./', ''))
  })

  test.each(sources)('%s imports nothing from outside the folder', (name) => {
    const imported = [...read(name).matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map((match) =>
      match[1] ?? match[2]!
    )

    expect(imported.filter((path) => !sources.map((source) => `./${source}`).includes(path))).toEqual([])
  })

  test.each(sources.filter((name) => name !== 'deps.ts'))('%s names no global of Deno or Node', (name) => {
    expect(read(name).replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, '')).not.toMatch(
      // A table has the name process: there it is a key.
      /\b(Deno|process(?!: \{)|Buffer|EdgeRuntime|require)\b/,
    )
  })

  test('can be published as it stands: every type that it shows is written down', async () => {
    const rehearse = promisify(execFile)(denoProgram(), ['publish', '--dry-run', '--allow-dirty'], {
      cwd: folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    })

    expect((await rehearse).stderr).toMatch(/Success/)
  })

  test('runs in Deno without a single permission, until it is asked for something', async () => {
    const program = `import { handle } from './mod.ts'
      const serve = handle({ safeParse: (data: unknown) => ({ success: true as const, data }) }, () => 1, { secret: 'long enough a secret' })
      console.log((await serve(new Request('http://localhost', { method: 'POST' }))).status)`

    const running = promisify(execFile)(
      denoProgram(),
      ['run', '--quiet', '--no-prompt', '--no-config', '--ext=ts', '-'],
      { cwd: folder, env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' } },
    )
    running.child.stdin?.end(program)

    expect((await running).stdout.trim()).toBe('401')
  })
})
