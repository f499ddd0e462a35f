import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProjectFiles } from '../../../../scripts/dev/project/open.ts'

// Where `supaqueue dev` finds a project, and what it reads of its files.

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'repo-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, text = '') => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const open = (cwd = root, options = {}) => openProjectFiles({ port: 54321, ...options }, cwd, () => {})

test.for(['', 'apps/web', 'apps/api', 'packages/database', 'backend'])(
  'a project in "%s" is found from the root of the repository, and from below it',
  (place) => {
    put(
      join(place, 'supabase/config.toml'),
      'project_id = "shop"\n[api]\nschemas = ["public", "graphql_public", "shop"]\n',
    )
    put(join(place, 'src/page.ts'))
    const folder = join(root, place)

    for (const cwd of [root, join(folder, 'src')]) {
      expect(open(cwd)).toMatchObject({
        folder,
        stack: {
          functions: [join(folder, 'supabase/functions')],
          own: ['supaqueue'],
          schemas: ['public', 'shop'],
          postgres: { port: 54322 },
        },
      })
    }
  },
)

test('of several one has to be named; where there is none there is no project', () => {
  expect(open()).toBeUndefined()
  for (const place of ['apps/one', 'apps/two']) put(`${place}/supabase/config.toml`)

  expect(() => open()).toThrow(expect.objectContaining({ code: 'SQ422', message: expect.stringContaining('apps/two') }))
  expect(open(root, { project: 'apps/two' })?.folder).toBe(join(root, 'apps/two'))
  expect(() => open(root, { project: 'apps/three' })).toThrow(expect.objectContaining({ code: 'SQ404' }))
})

test('functions may be elsewhere, and get what their .env sets but names of the platform', () => {
  put('supabase/config.toml')
  put('edge/.env', 'MINE="of mine"\nSUPABASE_URL=http://elsewhere\nSUPAQUEUE_SECRET=x\n')

  expect(open(root, { functions: 'edge' })?.stack).toMatchObject({
    functions: [join(root, 'edge')],
    environment: { MINE: 'of mine' },
  })
  expect(Object.keys(open(root, { functions: 'edge' })!.stack.environment!)).toEqual(['MINE'])
  expect(() => open(root, { functions: 'nowhere' })).toThrow(expect.objectContaining({ code: 'SQ422' }))
})
