import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { itemsOf } from '../../../../support/markdown.ts'
import { report, turnAnswer, turnRequest } from './schema.ts'

const contract = readFileSync(new URL('../../../../../docs/reference/turn.md', import.meta.url), 'utf8')

/** What the items of the list that follows these words begin with. */
const namesAfter = (words: string): string[] => {
  const list = contract.slice(contract.indexOf(words)).split('\n\n').find((block) => block.startsWith('- '))!
  return itemsOf(list).map((item) => /^`(\w+)`/.exec(item)![1]!).sort()
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
