import type { Outcome } from './outcome.ts'

const headings = ['#', 'paragraph', 'words', 'readability', 'key phrase', 'attempts', 'status']
const numbers = new Set(['#', 'words', 'attempts'])
const most = 60
const gap = 2

/** The outcomes as the lines of a table that is at most `width` characters wide. */
export function table(outcomes: Outcome[], width: number): string[] {
  const shown = choose(outcomes)
  const rows = shown.map(cells)
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)))
  const fixed = widths.reduce((sum, each, column) => column === 1 || column === 4 ? sum : sum + each, gap * 6)
  widths[4] = Math.min(widths[4]!, 28)
  widths[1] = Math.max(12, Math.min(widths[1]!, width - fixed - widths[4]))

  const lines = [headings, ...rows].map((row) =>
    row.map((cell, column) => fit(cell, column, widths)).join('  ').trimEnd()
  )
  const hidden = outcomes.length - shown.length
  return hidden > 0 ? [...lines, `... and ${hidden} more, which ended as they should; --json lists them all`] : lines
}

/** All, or the first ones and what is worth a look. */
const choose = (outcomes: Outcome[]): Outcome[] =>
  outcomes.filter((outcome, index) => index < most || outcome.expected.attempts !== undefined || !outcome.asExpected)

const cells = ({ payload, reading, attempts, status, asExpected }: Outcome): string[] => [
  String(payload.paragraph),
  payload.text,
  reading ? String(reading.words) : '-',
  reading ? `${String(reading.readability).padStart(3)} ${inWords(reading.readability)}` : '-',
  reading?.key_phrases[0] ?? '-',
  String(attempts),
  asExpected ? status : `${status} (should not be)`,
]

const inWords = (readability: number): string =>
  readability >= 80 ? 'easy' : readability >= 60 ? 'plain' : readability >= 30 ? 'hard' : 'very hard'

function fit(cell: string, column: number, widths: number[]): string {
  const width = widths[column]!
  const characters = [...cell]
  const text = characters.length > width ? `${characters.slice(0, width - 3).join('').trimEnd()}...` : cell
  const padding = ' '.repeat(Math.max(0, width - [...text].length))
  return numbers.has(headings[column]!) ? padding + text : text + padding
}
