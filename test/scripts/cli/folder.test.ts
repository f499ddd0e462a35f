import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Folder, openFolder } from '../../../scripts/cli/project/folder.ts'

// Somebody who may write in the folder exchanges a part of it for a link, at each moment there is: between any two calls of
// the system that we make. Nothing outside is read, written or deleted by that.

/** Called before each call of the file system that the folder makes. */
let before = (): void => {}
/** Whether an open directory can be reached by its number, as on Linux. */
let byNumber = true

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const wrapped = Object.entries(real).map(([name, fn]) => [
    name,
    typeof fn !== 'function' || !/Sync$/.test(name) ? fn : (...args: unknown[]) => {
      const [path] = args
      if (name === 'existsSync' && /^\/proc\/self\/fd\//.test(String(path)) && !byNumber) return false
      if (!acting) return (fn as (...args: unknown[]) => unknown)(...args)
      acting = false
      try {
        before()
      } finally {
        acting = true
      }
      return (fn as (...args: unknown[]) => unknown)(...args)
    },
  ])
  return { ...real, ...Object.fromEntries(wrapped) }
})
let acting = false

let base: string
let root: string
const at = (path: string) => join(root, path)
const outside = (path = '') => join(base, 'outside', path)

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'races-'))
  root = join(base, 'project')
  fill(root, 'inside')
  fill(outside(), 'OUTSIDE')
})
afterEach(() => {
  byNumber = true
  acting = false
  rmSync(base, { recursive: true, force: true })
})

/** The same names in both, so that whatever is reached by a link is there. */
const FILES = ['a/b/c/file.txt', 'a/b/c/deep/down/other.txt', 'a/b/file.txt', 'a/file.txt', 'file.txt']

function fill(folder: string, text: string): void {
  for (const file of FILES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

const everything = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => lstatSync(path).isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path)
    .sort()

/** Puts a link in the place of what is there. */
function exchange(path: string): void {
  if (!existsSync(dirname(at(path)))) return
  if (existsSync(at(path))) renameSync(at(path), `${at(path)}.kept`)
  symlinkSync(outside(path), at(path))
}

const WAY = ['a', 'a/b', 'a/b/c']

/** What a folder does, and what may become a link while it does it. */
const ACTS: Record<string, { act(folder: Folder): unknown; exchanged: string[] }> = {
  'writes a file': {
    act: (folder) => folder.write('a/b/c/file.txt', 'ours', { secret: true }),
    exchanged: [...WAY, 'a/b/c/file.txt'],
  },
  'writes a file that is new': {
    act: (folder) => folder.write('a/b/c/new.txt', 'ours'),
    exchanged: ['a/b/c', 'a/b/c/new.txt'],
  },
  'writes into folders that are new': {
    act: (folder) => folder.write('a/b/new/deep/file.txt', 'ours'),
    exchanged: ['a/b/new', 'a/b/new/deep'],
  },
  'reads a file': { act: (folder) => folder.read('a/b/c/file.txt'), exchanged: [...WAY, 'a/b/c/file.txt'] },
  'lists a folder': { act: (folder) => folder.list('a/b/c'), exchanged: WAY },
  'lists all files': { act: (folder) => folder.files('a/b/c'), exchanged: ['a/b/c', 'a/b/c/deep'] },
  'removes a file': { act: (folder) => folder.remove('a/b/c/file.txt'), exchanged: [...WAY, 'a/b/c/file.txt'] },
  'removes a folder': { act: (folder) => folder.remove('a/b'), exchanged: [...WAY, 'a/b/c/file.txt', 'a/b/c/deep'] },
}

/** What an act did when a link came into a path's place before its n-th call; undefined if it makes fewer calls. */
function race(
  act: (folder: Folder) => unknown,
  path: string,
  moment: number,
): { result: unknown; reached: boolean } {
  const folder = openFolder(root)
  let calls = 0
  before = () => {
    if (calls++ === moment) exchange(path)
  }
  acting = true
  try {
    const result = act(folder)
    return { result, reached: calls > moment }
  } catch (reason) {
    return { result: (reason as Error).message, reached: calls > moment }
  } finally {
    acting = false
    before = () => {}
  }
}

describe.runIf(process.platform === 'linux')('a link that comes in between', () => {
  for (const [name, { act, exchanged }] of Object.entries(ACTS)) {
    test.for(exchanged)(`${name}, and %s becomes a link`, (path) => {
      const there = everything(outside())
      for (let moment = 0;; moment++) {
        rmSync(root, { recursive: true, force: true })
        fill(root, 'inside')
        const { result, reached } = race(act, path, moment)

        expect({ moment, outside: everything(outside()) }).toEqual({ moment, outside: there })
        expect(JSON.stringify(result) ?? '').not.toContain('OUTSIDE')
        if (!reached) break
      }
    })
  }
})

describe.for([true, false])('without anybody else (directories reached by number: %s)', (numbers) => {
  beforeEach(() => {
    byNumber = numbers
  })

  test('writes, reads, lists and removes', () => {
    const folder = openFolder(root)
    folder.write('a/b/new/deep/file.txt', 'ours')
    folder.write('a/b/c/file.txt', 'changed')

    expect(folder.read('a/b/new/deep/file.txt')).toBe('ours')
    expect(folder.read('a/b/c/file.txt')).toBe('changed')
    expect(folder.read('a/b/nothing.txt')).toBeUndefined()
    expect(folder.list('a/b')).toEqual(['c', 'file.txt', 'new'])
    expect(folder.files('a/b/c')).toEqual(['deep/down/other.txt', 'file.txt'])
    folder.remove('a')
    expect(everything(root)).toEqual([`${at('file.txt')}: inside`])
  })

  test('a folder that was exchanged as a whole is not the one that was opened', () => {
    const folder = openFolder(root)
    renameSync(root, `${root}.kept`)
    fill(root, 'another')

    expect(() => folder.read('file.txt')).toThrow(expect.objectContaining({ code: 'SQ409' }))
    expect(() => folder.write('file.txt', 'ours')).toThrow(expect.objectContaining({ code: 'SQ409' }))
    expect(readFileSync(at('file.txt'), 'utf8')).toBe('another')
  })

  test('what the system refuses is told by the name that people know the file by', () => {
    const folder = openFolder(root)
    const name = `a/${'long'.repeat(100)}`

    for (const act of [() => folder.write(name, 'ours'), () => folder.read(name), () => folder.inspect([name])]) {
      expect(act).toThrow(expect.objectContaining({
        code: 'SQ409',
        message: `${name} cannot be read or written: ENAMETOOLONG: name too long`,
        hint: expect.stringMatching(/Let whoever runs this command/),
      }))
    }
  })

  test('no descriptor stays open', () => {
    const folder = openFolder(root)
    const open = () => readdirSync('/proc/self/fd').length
    const before = process.platform === 'linux' ? open() : 0
    for (const { act } of Object.values(ACTS)) act(folder)
    symlinkSync(outside(), at('link'))
    expect(() => folder.write('link/file.txt', 'ours')).toThrow('is a link')

    if (process.platform === 'linux') expect(open()).toBe(before)
  })
})
