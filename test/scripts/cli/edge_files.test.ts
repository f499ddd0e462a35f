import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { edgeFiles } from '../../../scripts/cli/project/edge_files.ts'

describe.each(['supaqueue', 'supaqueue-api'] as const)('the files of %s', (fn) => {
  const files = edgeFiles(fn)
  const names = files.map(({ name }) => name)

  test('are all that it imports, in its own folder', () => {
    const missing = files.flatMap(({ name, text }) =>
      [...text.matchAll(/(?:from\s+|import\s+|import\()'(\.[^']+)'/g)]
        .map(([, to]) => join(dirname(name), to!))
        .filter((to) => !names.includes(to))
        .map((to) => `${name} imports ${to}`)
    )

    expect(missing).toEqual([])
    expect(names).toEqual(expect.arrayContaining(['index.ts', 'deno.json']))
    expect(names.filter((name) => name.includes('..'))).toEqual([])
  })

  // Version 4 is read by every Deno 2, the platform's included; later ones are not.
  test('have each package by its version and its hash, and those that these bring along', () => {
    const read = (name: string) => JSON.parse(files.find((file) => file.name === name)!.text)
    const { imports } = read('deno.json') as { imports: Record<string, string> }
    const { version, specifiers, npm } = read('deno.lock') as {
      version: string
      specifiers: Record<string, string>
      npm: Record<string, { integrity: string; dependencies?: string[] }>
    }
    const wanted = [
      ...Object.values(imports),
      ...files.flatMap(({ text }) => [...text.matchAll(/(?:from |import\()'(npm:[^']+)'/g)].map(([, name]) => name!)),
    ].map((name) => name.replace('npm:/', 'npm:').replace(/\/$/, ''))

    expect(version).toBe('4')
    expect(wanted.filter((name) => !(name in specifiers))).toEqual([])
    const locked = Object.entries(npm)
    expect(locked.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))).toEqual([])
    const known = new Set(locked.flatMap(([name]) => [name, name.slice(0, name.indexOf('@', 1))]))
    const open = locked.flatMap(([, { dependencies = [] }]) => dependencies).filter((name) => !known.has(name))
    expect(open).toEqual([])
  })

  test('come in the same order every time', () => {
    expect(names).toEqual(names.toSorted())
    expect(edgeFiles(fn)).toEqual(files)
  })
})
