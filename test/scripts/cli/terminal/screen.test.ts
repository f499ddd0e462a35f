import { expect, test } from 'vitest'
import { screenOf } from '../../../../scripts/cli/terminal/screen.ts'

/** A terminal that keeps what it shows, as far as these pages need one. */
function terminal(columns: number, rows: number) {
  const shown: string[] = []
  let written = ''
  return {
    isTTY: true,
    columns,
    rows,
    shown,
    written: () => written,
    write(text: string) {
      written += text
      if (text.includes('\x1b[2J')) shown.length = 0
      const lines = ['2J', 'H', 'K', 'J'].reduce((rest, code) => rest.replaceAll(`\x1b[${code}`, ''), text)
        .split('\n').slice(0, -1)
      shown.splice(0, shown.length, ...lines)
    },
  }
}

test('draws a page over the one before, and clears the screen only once', () => {
  const out = terminal(20, 10)
  const screen = screenOf(out)!

  screen.draw(['one', 'two'])
  screen.draw(['three'])

  expect(out.shown).toEqual(['three'])
  expect(out.written().split('\x1b[2J')).toHaveLength(2)
  // The rest of a longer line, and lines that are no more.
  expect(out.written().endsWith('three\x1b[K\n\x1b[J')).toBe(true)
})

test('never draws more than fits: it would scroll', () => {
  const out = terminal(4, 3)

  screenOf(out)!.draw(['abcdef', 'ghi', 'jkl', 'mno'])

  expect(out.shown).toEqual(['abcd', 'ghi'])
})

test('there is none where the output goes to a file', () => {
  expect(screenOf({ write: () => {} })).toBeUndefined()
})
