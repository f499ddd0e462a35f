import { expect, test } from 'vitest'
import { sorted } from '../../console/sorted.ts'

const rows = [{ name: 'b', n: 10, ms: null }, { name: 'a', n: 9, ms: 3 }, { name: 'c', n: 100, ms: 1 }]
const columns = {
  name: ({ name }: (typeof rows)[number]) => name,
  n: ({ n }: (typeof rows)[number]) => n,
  ms: ({ ms }: (typeof rows)[number]) => ms,
}

test.for([
  ['', 'bac'],
  ['name', 'abc'],
  ['-name', 'cba'],
  ['n', 'abc'],
  ['-n', 'cba'],
  ['ms', 'cab'],
  ['-ms', 'acb'],
  ['-no such', 'bac'],
  ['constructor', 'bac'],
  ['--n', 'bac'],
])('sorted by "%s" the rows are %s; null is last, and what is no column changes nothing', ([sort, order]) => {
  const place = { path: '/', params: new URLSearchParams({ sort: sort! }) }

  expect(sorted(rows, columns, place).map(({ name }) => name).join('')).toBe(order)
})
