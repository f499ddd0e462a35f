import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../support/harness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = ['SECURITY.md', 'docs/security.md', 'test/adversaries/README.md']

describe('what is said of security', () => {
  test.for(pages)('leads somewhere, wherever %s links to', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)/g)].map(([, to]) => to!)

    expect(links.filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([])
    expect(links.length).toBeGreaterThan(0)
  })

  test('names every file of adversaries', () => {
    const named = read('test/adversaries/README.md')
    const files = readdirSync(join(root, 'test/adversaries')).flatMap((name) =>
      name.match(/^(\w+)\.(?:test|proof)\.ts$/)?.[1] ?? []
    )

    expect(files.filter((name) => !named.includes(`\`${name}\``))).toEqual([])
    const wanted = [...named.matchAll(/`(\w+)`/g)].map(([, name]) => name!).filter((name) => name !== 'anon')
    expect(wanted.filter((name) => !files.includes(name))).toEqual([])
  })

  test('names every function that runs with more rights than its caller and that users can be given', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace and prosecdef and proname ~ 'supaqueue' order by proname`)
    const page = read('docs/security.md')

    expect(rows.map(({ proname }) => proname)).toEqual([
      'supaqueue_cancel',
      'supaqueue_enqueue',
      'supaqueue_signal',
      'supaqueue_status',
    ])
    for (const { proname } of rows) expect(page).toContain(`\`${proname}\``)
  })

  test.for(['anon', 'authenticated'])(
    'is so: while a queue is open to %s, the linter names these four for it (0028, 0029), and none when it is closed',
    async (role, { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect('owner'))
      const named = async () =>
        (await harness.db.query(
          `select role, proname from pg_proc, unnest('{anon, authenticated}'::text[]) as role
           where prosecdef and pronamespace = any ('{public, supaqueue}'::regnamespace[])
             and has_function_privilege(role, oid, 'execute')
           order by 1, 2`,
        )).rows
      const queue = await harness.queue()
      await harness.db.query('select supaqueue.allow($1, $2, live => $3)', [queue, role, role === 'authenticated'])

      expect(await named()).toEqual(
        ['cancel', 'enqueue', 'signal', 'status'].map((act) => ({ role, proname: `supaqueue_${act}` })),
      )
      for (const page of ['docs/security.md', 'docs/reference/open-to-users.md']) {
        expect(read(page)).toMatch(/\(0028\).*\(0029\)|\(0028, 0029\)/s)
      }
      await harness.db.query('select supaqueue.revoke($1)', [queue])
      expect(await named()).toEqual([])
    },
  )

  test('counts what is written into the schema public', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace and (proname ~ '^supaqueue_' or proname = 'end_current_job')`)
    const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']

    expect(read('docs/faq.md').replace(/\s+/g, ' ')).toContain(`${words[rows.length]} functions in \`public\``)
  })

  test('is so: what is closed by default has no policy, and no right of strangers', async ({ ownDatabase }) => {
    const { db } = harnessOf(await ownDatabase.connect('owner'))
    const { rows } = await db.query(`
      select relname as name from pg_class
      where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and not relrowsecurity
      union all
      select polname from pg_policy join pg_class on pg_class.oid = polrelid where relnamespace = 'supaqueue'::regnamespace
      union all
      select proname from pg_proc, unnest('{anon, authenticated}'::text[]) as role
      where (pronamespace::regnamespace::text like 'supaqueue%' or pronamespace = 'public'::regnamespace and proname ~ 'supaqueue')
        and has_function_privilege(role, oid, 'execute')
      union all
      select proname from pg_proc
      where pronamespace::regnamespace::text like 'supaqueue%' and not coalesce(proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'`)

    expect(rows).toEqual([])
  })

  test('is so: a command that it names is there', () => {
    expect(read('scripts/cli/main.ts')).toContain('rotate-secret')
  })
})
