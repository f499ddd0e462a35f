import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { release } from '../../../../scripts/build/release/release.ts'

// A repository of the same shape, so that a tag of this one is never made.

let folder: string

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim()

function write(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function commit() {
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Change it')
}

function writeVersion(version: string) {
  write('package.json', JSON.stringify({ name: 'some-package', version, files: ['dist', 'CHANGELOG.md'] }))
  write('supabase/functions/_shared/supaqueue/jsr.json', JSON.stringify({ version }))
}

/** What it said, or the error. */
async function tryRelease(dryRun = false): Promise<string> {
  const said: string[] = []
  await release({ folder, dryRun, today: '2026-03-01', say: (line) => said.push(line) })
  return said.join('\n')
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'))
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Ada')
  git('config', 'user.email', 'ada@example.com')
  git('config', 'tag.gpgSign', 'false')
  git('config', 'commit.gpgSign', 'false')
  writeVersion('1.2.0')
  for (const name of ['bin', 'index', 'edge']) write(`dist/${name}.js`, '')
  write('migrations/0001_core.sql', 'select 1;\n')
  write(
    'CHANGELOG.md',
    '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-28\n\n### Added\n\n- A thing.\n\n## [1.1.0]\n',
  )
  commit()
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('makes an annotated tag with what the changelog says, and says how it is pushed', async () => {
  expect(await tryRelease()).toMatch(/made the tag v1\.2\.0; nothing was pushed.*git push origin v1\.2\.0$/)

  expect(git('cat-file', '-t', 'v1.2.0')).toBe('tag')
  expect(git('rev-parse', 'v1.2.0^{commit}')).toBe(git('rev-parse', 'HEAD'))
  expect(git('tag', '--list', '--format=%(contents)', 'v1.2.0')).toBe('supaqueue 1.2.0\n\n### Added\n\n- A thing.')
})

test('a dry run says what it would do, and makes no tag', async () => {
  expect(await tryRelease(true)).toMatch(/would make the tag v1\.2\.0; nothing was changed$/)

  expect(git('tag', '--list')).toBe('')
})

test('a section without a date gets that of the release, in a commit that the tag names', async () => {
  write('CHANGELOG.md', '# Changelog\n\n## [1.2.0]\n\n- A thing.\n\n## [1.1.0] - 2026-01-01\n\n- Another.\n')
  commit()
  const before = git('rev-parse', 'HEAD')

  expect(await tryRelease(true)).toMatch(
    /date will be 2026-03-01[^]*would commit the date, and make the tag v1\.2\.0; nothing/,
  )
  expect([git('status', '--porcelain'), git('rev-parse', 'HEAD'), git('tag', '--list')]).toEqual(['', before, ''])

  expect(await tryRelease()).toMatch(/committed the date: Release 1\.2\.0[^]*git push origin main v1\.2\.0$/)
  expect(git('diff', '--unified=0', before, 'v1.2.0').split('\n').filter((line) => /^[+-][^+-]/.test(line)))
    .toEqual(['-## [1.2.0]', '+## [1.2.0] - 2026-03-01'])
  expect(git('rev-parse', 'v1.2.0^{commit}')).toBe(git('rev-parse', 'HEAD'))
  expect(git('tag', '--list', '--format=%(contents:body)', 'v1.2.0').trim()).toBe('- A thing.')
})

test('a tag that exists is refused, and stays where it is', async () => {
  await tryRelease()
  const before = git('rev-parse', 'v1.2.0')
  write('more', '')
  commit()

  await expect(tryRelease()).rejects.toThrow('the tag v1.2.0 exists already')
  expect(git('rev-parse', 'v1.2.0')).toBe(before)
})

test.each<[string, () => void, RegExp]>([
  ['a file that is not committed', () => write('new', ''), /not committed:\n\?\? new/],
  ['another branch', () => git('switch', '--quiet', '--create', 'other'), /made of main, and this is other/],
  ['no branch', () => git('checkout', '--quiet', '--detach'), /made of main, and this is no branch/],
  ['another version in jsr.json', () => {
    write('supabase/functions/_shared/supaqueue/jsr.json', '{ "version": "1.1.0" }')
    commit()
  }, /package\.json is version 1\.2\.0, and jsr\.json is 1\.1\.0/],
  ['a version that the changelog does not name', () => {
    writeVersion('1.3.0')
    commit()
  }, /no section of 1\.3\.0/],
  ['a date that does not exist', () => {
    write('CHANGELOG.md', '## [1.2.0] - 2026-02-30\n\n- A thing.\n')
    commit()
  }, /has a date that does not exist/],
  ['an empty section', () => {
    write('CHANGELOG.md', '## [1.2.0] - 2026-02-28\n\n## [1.1.0]\n\n- A thing.\n')
    commit()
  }, /section of 1\.2\.0 in CHANGELOG\.md is empty/],
  ['a file of the package that is missing', () => {
    rmSync(join(folder, 'dist/edge.js'))
    commit()
  }, /dist\/edge\.js is missing/],
  ['a file that is not to be published', () => {
    write('package.json', JSON.stringify({ name: 'some-package', version: '1.2.0' }))
    commit()
  }, /migrations\/0001_core\.sql is not to be published/],
])('%s is refused', async (_, spoil, problem) => {
  spoil()

  await expect(tryRelease()).rejects.toThrow(problem)
  expect(git('tag', '--list')).toBe('')
})

test.each<[string, () => void]>([
  ['changed', () => appendFileSync(join(folder, 'migrations/0001_core.sql'), 'select 2;\n')],
  ['renamed', () => git('mv', 'migrations/0001_core.sql', 'migrations/0001_other.sql')],
  ['removed', () => rmSync(join(folder, 'migrations/0001_core.sql'))],
])('a migration of an earlier release that was %s is refused', async (_, spoil) => {
  git('tag', '--annotate', 'v1.1.0', '--message', 'before')
  spoil()
  commit()

  await expect(tryRelease()).rejects.toThrow(
    'migrations of v1.1.0 are no longer what they were:\nmigrations/0001_core.sql',
  )
})

test('a new migration is none of an earlier release', async () => {
  git('tag', '--annotate', 'v1.1.0', '--message', 'before')
  write('migrations/0002_more.sql', 'select 2;\n')
  commit()

  expect(await tryRelease(true)).toContain('the migrations of v1.1.0 are unchanged')
})
