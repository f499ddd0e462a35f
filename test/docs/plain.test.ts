import { expect, test } from 'vitest'
import { blocksOf, pages, readPage } from '../support/markdown.ts'

// What a stranger reads first is short and plain.

// What is generated has lines of the program, and the changelog is no page to read through.
const generated = /^CHANGELOG|^skills\/|^docs\/reference\/commands/
const prose = pages.filter((page) => /^(docs\/|README)/.test(page) && !generated.test(page))

test.each(pages.filter((page) => !generated.test(page)))('%s has no line that is too long to read', (page) => {
  const long = readPage(page).split('\n').flatMap((line, at) =>
    line.length > 120 ? [`${at + 1}: ${line.length} letters`] : []
  )

  expect(long).toEqual([])
})

test.each(prose)('%s is easy to read', (page) => {
  expect(readingEase(proseOf(readPage(page)))).toBeGreaterThan(65)
})

test('reading ease tells plain from dense', () => {
  expect(readingEase('The cat sat on the mat. It was warm.')).toBeGreaterThan(90)
  expect(readingEase('Organizational heterogeneity necessitates multidimensional reconceptualization.')).toBeLessThan(0)
})

/** The sentences of a page, without code, tables, headings and links' targets. */
function proseOf(text: string): string {
  const prose = blocksOf(text).reduce((rest, { code }) => rest.replace(code, ''), text)
  return prose
    .split('\n')
    .filter((line) => !/^(\||#|```|>)/.test(line))
    .join('\n')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/`[^`]*`/g, 'it')
    // An item of a list is a sentence of its own.
    .replace(/\n+- /g, '. ')
    .replace(/\n\n+/g, '. ')
}

/** Flesch's reading ease: 100 is very easy, 60 plain, 30 hard. */
function readingEase(text: string): number {
  const words = text.match(/[a-z']+/gi) ?? []
  const sentences = text.split(/[.!?:]+/).filter((sentence) => /[a-z]/i.test(sentence))
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0)
  return 206.835 - 1.015 * (words.length / sentences.length) - 84.6 * (syllables / words.length)
}

const syllablesOf = (word: string): number =>
  Math.max(1, word.toLowerCase().replace(/(?:es|ed|e)$/, '').match(/[aeiouy]+/g)?.length ?? 0)
