import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { report, turnAnswer, turnRequest } from './schema.ts'

const contract = readFileSync(new URL('../../../../../docs/reference/turn.md', import.meta.url), 'utf8')

/** The names in the first column of the table that follows a line with these words. */
const namesAfter = (words: string): string[] => {
  const lines = contract.slice(contract.indexOf(words)).split('\n')
  const table = lines.slice(lines.findIndex((line) => line.startsWith('|')))
  const rows = table.slice(2, table.findIndex((line) => !line.startsWith('|')))
  return rows.map((row) => /^\| `(\w+)`/.exec(row)![1]!).sort()
}

describe('the turn, as docs/reference/turn.md describes it', () => {
  test('has a request of these fields', () => {
    expect(namesAfter('\nRequest:')).toEqual(Object.keys(turnRequest.shape).sort())
  })

  test('has an answer of these fields', () => {
    expect(namesAfter('\nAnswer:')).toEqual(Object.keys(turnAnswer.shape).sort())
  })

  test('knows these outcomes', () => {
    expect(namesAfter('\nA report:')).toEqual([...report.shape.outcome.options].sort())
  })

  test('has reports of these fields', () => {
    const [paragraph] = contract.slice(contract.indexOf('\nA report:')).split('\n\n')
    const named = [...paragraph!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)

    expect(named.sort()).toEqual(Object.keys(report.shape).sort())
  })
})
