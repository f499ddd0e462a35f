import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dirname, join as joined } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { itemsOf } from '../support/markdown.ts'

// What can be read in one direction can be understood piece by piece. Types count: whoever reads follows them, too.

const home = join(import.meta.dirname, '../../supabase/functions')

const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\()'(\.{1,2}\/[^']+)'/g

/** The files of some folders, each with the files that it imports; paths from supabase/functions. */
function importsOf(folders: string[]): Map<string, string[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
  )
  return new Map(files.map((file) => [
    file,
    [...readFileSync(join(home, file), 'utf8').matchAll(IMPORT)].map(([, to]) => joined(dirname(file), to!)),
  ]))
}

/** Every circle that the imports close, as the files on it. */
function circlesOf(imports: Map<string, string[]>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
    if (done.has(file) || path.includes(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return circles
}

test('a circle of imports would be found, however long', () => {
  expect(circlesOf(new Map([['a', ['b']], ['b', ['c']], ['c', ['d', 'b']], ['d', []]]))).toEqual(['b > c > b'])
  expect(circlesOf(new Map([['a', ['b', 'c']], ['b', ['c']], ['c', []]]))).toEqual([])
})

test.each([['supaqueue'], ['supaqueue-api'], ['_shared/supaqueue']])('%s has no circle of imports', (folder) => {
  expect(circlesOf(importsOf([folder]))).toEqual([])
})

describe('the rooms of the dispatcher', () => {
  // From the door to the ground: at the door the parts are put together.
  const DOOR = ['index.ts', 'serve.ts', 'dispatcher.ts']
  const ROOMS = [
    'wake',
    'run',
    'log',
    'trace',
    'call',
    'batch',
    'message',
    'target',
    'outcome',
    'answer',
    'signature',
    'direct',
    'turn',
    'settings',
    'util',
  ]
  const floorOf = (file: string): number => {
    const [, name = ''] = file.split('/')
    if (file.startsWith('_shared/')) return ROOMS.length
    return DOOR.includes(name) ? -1 : ROOMS.indexOf(name)
  }
  const imports = importsOf(['supaqueue'])

  const readme = readFileSync(join(home, 'supaqueue/README.md'), 'utf8')
  /** The names that the items of the list under this head begin with. */
  const namesIn = (head: string): string[] =>
    itemsOf((readme.split(`\n${head}:\n\n`)[1] ?? '').split('\n\n')[0]!)
      .map((item) => /^(`[^:]+`):/.exec(item) ?? [])
      .flatMap(([, names]) => [...names!.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => name!))

  test('are those of its README: of the walk, or beside it', () => {
    const folders = readdirSync(join(home, 'supaqueue'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const named = [...namesIn('The walk'), ...namesIn('Beside it')].filter((name) => !name.endsWith('.ts'))

    expect(folders.map(({ name }) => name).sort()).toEqual(ROOMS.toSorted())
    expect(named.sort()).toEqual(ROOMS.toSorted())
  })

  test('of which the walk, all that must be read to understand the dispatcher, has 1,500 lines at most', () => {
    const walk = readme.match(/^The walk, [^]*?1,500 lines/m)?.[0] ?? ''
    const places = [...walk.matchAll(/`([\w/.]+?)\/?`/g)].map(([, place]) => `supaqueue/${place}`)
    const files = [...imports.keys()].filter((file) =>
      places.some((place) => file === place || file.startsWith(`${place}/`))
    )

    for (const room of ['dispatcher.ts', 'wake/', 'run/', 'call/', 'outcome/', 'turn/turn.ts']) {
      expect(files.filter((file) => file.startsWith(`supaqueue/${room}`)), room).not.toEqual([])
    }
    expect(places).toHaveLength(6)
    const lines = files.map((file) => readFileSync(join(home, file), 'utf8').split('\n').length - 1)
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1500)
  })

  test('import from those below, never from those above', () => {
    const upward = [...imports].flatMap(([file, others]) =>
      others.filter((other) => floorOf(other) < floorOf(file)).map((other) => `${file} > ${other}`)
    )

    expect(upward).toEqual([])
  })

  test('of the kit the dispatcher takes what depends on nothing of the kit but its errors', () => {
    const shared = [...new Set([...imports.values()].flat().filter((file) => file.startsWith('_shared/')))]
    const further = shared.flatMap((file) => importsOf(['_shared/supaqueue']).get(file) ?? [])

    expect(shared.sort()).toEqual(
      ['clean', 'errors', 'key', 'once', 'passing', 'signature'].map((name) => `_shared/supaqueue/${name}.ts`),
    )
    expect(new Set(further)).toEqual(new Set(['_shared/supaqueue/errors.ts']))
  })
})
