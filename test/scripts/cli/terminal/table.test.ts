import { expect, test } from 'vitest'
import { type Column, table } from '../../../../scripts/cli/terminal/table.ts'

type Row = { name: string; jobs: number; note: string }

const columns: Column<Row>[] = [
  { head: 'name', cell: ({ name }) => name },
  { head: 'jobs', cell: ({ jobs }) => String(jobs), right: true, spare: 1 },
  { head: 'note', cell: ({ note }) => note, spare: 2 },
]
const rows = [{ name: 'mail', jobs: 7, note: 'slow' }, { name: 'invoices', jobs: 1200, note: '' }]

test('columns are as wide as they need to be, numbers to the right, and no line ends in blanks', () => {
  expect(table(columns, rows)).toEqual([
    'name      jobs  note',
    'mail         7  slow',
    'invoices  1200',
  ])
})

test('what can be spared most goes first where the terminal is too narrow', () => {
  expect(table(columns, rows, 19)).toEqual(['name      jobs', 'mail         7', 'invoices  1200'])
  expect(table(columns, rows, 13)).toEqual(['name', 'mail', 'invoices'])
})

test('what cannot be spared is cut', () => {
  expect(table(columns, rows, 5)).toEqual(['name', 'mail', 'invoi'])
})
