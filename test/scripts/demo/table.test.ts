import { describe, expect, test } from 'vitest'
import { table } from '../../../scripts/demo/table.ts'
import { hopeless, outcome } from './support/outcomes.ts'

describe('the table', () => {
  test('has a line for each job under its headings', () => {
    expect(table([outcome(1), hopeless(2)], 120)).toEqual([
      '#  paragraph             words  readability  key phrase  attempts  status',
      '1  This is paragraph 1.      4   72 plain    paragraph          1  success',
      '2  * * *                     -  -            -                  3  failed',
    ])
  })

  test('cuts long paragraphs, so that no line is wider than asked for', () => {
    const long = outcome(1, { payload: { paragraph: 1, text: 'word '.repeat(100) } })
    const lines = table([long, outcome(2)], 90)

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90)
    expect(lines[1]).toMatch(/wor\.\.\. /)
  })

  test('says of a job that ended otherwise that it should not have', () => {
    expect(table([outcome(1, { status: 'failed', asExpected: false })], 120)[1]).toMatch(/failed \(should not be\)$/)
  })

  test('of very many jobs, shows the first ones and what is worth a look', () => {
    const many = Array.from({ length: 200 }, (_, index) => outcome(index + 1))
    const lines = table([...many, outcome(201, { asExpected: false }), hopeless(202)], 120)

    expect(lines).toHaveLength(1 + 60 + 2 + 1)
    expect(lines.at(-3)).toMatch(/^201 /)
    expect(lines.at(-2)).toMatch(/^202 /)
    expect(lines.at(-1)).toMatch(/^\.\.\. and 140 more/)
  })
})
