import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pages, root } from '../support/markdown.ts'

// The site, built as `pnpm docs` builds it. VitePress refuses a link that leads nowhere.

let site: string
let files: string[]

beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'site-'))
  const vitepress = join(root, 'node_modules/.bin/vitepress')
  await promisify(execFile)(vitepress, ['build', 'docs', '--outDir', site], { cwd: root })
  files = readdirSync(site, { recursive: true, encoding: 'utf8' })
})

afterAll(() => rmSync(site, { recursive: true, force: true }))

test('has every page', () => {
  const wanted = pages.filter((page) => page.startsWith('docs/'))
    .map((page) => page.replace(/^docs\//, '').replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'))

  expect(wanted.filter((page) => !files.includes(page))).toEqual([])
})

test('has search, and both colors', () => {
  const html = readFileSync(join(site, 'index.html'), 'utf8')

  expect(files.some((file) => /localSearchIndex/.test(file))).toBe(true)
  expect(html).toContain('VPNavBarSearch')
  expect(html).toContain('VPSwitchAppearance')
})

test('leads to code in the repository', () => {
  const html = readFileSync(join(site, 'contributing.html'), 'utf8')

  expect(html).toContain('https://github.com/supaqueue/supaqueue/blob/main/test/walk.test.ts')
})
