import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { edgeFiles } from '../../scripts/project/edge_files.ts'

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

  test('come in the same order every time', () => {
    expect(names).toEqual(names.toSorted())
    expect(edgeFiles(fn)).toEqual(files)
  })
})
